//! Logins in ABP's dialect.

pub mod codes_without_token;
pub mod password;
pub mod refusals;
