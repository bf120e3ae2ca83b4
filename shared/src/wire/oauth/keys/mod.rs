//! What an issuer publishes.

pub mod discovery;
