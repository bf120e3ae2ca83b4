//! Signing in and signing up with a passkey, in place of a password.

pub mod auth0_sign_up;
pub mod challenge;
pub mod sign_in;
