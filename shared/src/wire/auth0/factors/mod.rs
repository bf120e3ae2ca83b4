//! Authenticators, as Auth0 calls factors.

pub mod authenticator;
pub mod enrolment;
pub mod list_authenticators;
