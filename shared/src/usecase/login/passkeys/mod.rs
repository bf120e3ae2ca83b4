//! Signing in and signing up with a passkey, in place of a password or beside it.

pub mod auth0_sign_up;
pub mod challenge;
pub(crate) mod second_challenge;
pub(crate) mod second_factor;
pub mod sign_in;
