//! What a stranger tries in Auth0's words.

mod browser;
mod closed_sign_up;
mod first_codes;
mod introspection;
mod multi_factor;
pub mod passwordless;
pub mod sign_up;
mod squatters;
mod step_up;
