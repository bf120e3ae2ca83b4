//! The authorization code flow of Auth0's apps, and their sign-outs.

pub mod authorize;
pub mod sign_out;
