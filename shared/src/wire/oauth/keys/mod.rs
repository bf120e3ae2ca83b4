//! What an issuer publishes.

pub mod cors;
pub mod discovery;
pub mod passkey_files;
