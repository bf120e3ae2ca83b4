//! Second factors: enrolled, confirmed, listed, removed.

pub mod aidbox_two_factor;
pub mod auth0_my_account;
pub mod auth0_recovery_codes;
pub mod authenticator_app;
pub mod browser_recovery_codes;
pub mod confirm_factor;
pub mod enroll;
pub(crate) mod enrolment_code;
pub(crate) mod enrolment_subject;
pub(crate) mod factors_delta;
pub(crate) mod first_factor;
pub mod list_authenticators;
pub mod passkeys;
pub(crate) mod recovery_codes;
pub mod remove_factor;
pub mod require_second_factor;
