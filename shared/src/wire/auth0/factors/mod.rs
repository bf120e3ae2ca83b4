//! Authenticators, as Auth0 calls factors.

pub mod authenticator;
pub mod enrolment;
pub mod list_authenticators;
pub mod my_enrolment;
pub mod my_methods;
pub mod my_update;
pub mod my_words;
