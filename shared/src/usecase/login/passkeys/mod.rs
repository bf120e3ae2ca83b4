//! Signing in with a passkey, in place of a password.

pub mod challenge;
pub mod sign_in;
