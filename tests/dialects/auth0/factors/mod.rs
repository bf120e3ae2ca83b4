//! Second factors in Auth0's dialect.

pub mod authenticators;
pub mod enrolment;
pub mod enrolment_refusals;
pub mod my_account;
mod my_names;
mod my_parameters;
mod my_password;
mod my_recovery_code;
mod my_words;
