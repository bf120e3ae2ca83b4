//! Passkeys in Auth0's words.

pub mod authenticator;
mod ceremonies;
mod enrol;
pub mod second_enrolment;
pub mod second_factor;
mod sign_in;
pub mod sign_up;
