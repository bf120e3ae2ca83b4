//! What an issuer publishes.

pub mod discovery;
pub mod passkey_files;
