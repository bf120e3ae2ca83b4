//! Auth0's dialect.

pub mod accounts;
pub mod authenticators;
pub mod browser;
pub mod enrolment;
pub mod enrolment_refusals;
pub mod login;
pub mod malformed;
pub mod mfa_tokens;
pub mod my_account;
pub mod passwordless;
pub mod refusals;
pub mod step_up;
pub mod tokens;
pub mod verify;
pub mod words;
