//! What a stranger tries in Auth0's words.

mod browser;
mod closed_sign_up;
mod introspection;
pub mod passwordless;
pub mod sign_up;
