//! Passkeys in Auth0's words.

pub mod authenticator;
mod ceremonies;
mod enrol;
mod sign_in;
pub mod sign_up;
