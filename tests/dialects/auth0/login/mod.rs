//! Logins in Auth0's dialect.

pub mod mailed_link;
pub mod mfa_tokens;
pub mod passkeys;
pub mod password;
pub mod passwordless;
pub mod phone_codes;
pub mod refusals;
pub mod step_up;
pub mod verify;
