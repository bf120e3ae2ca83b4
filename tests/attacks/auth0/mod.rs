//! What a stranger tries in Auth0's words.

pub mod passwordless;
pub mod sign_up;
