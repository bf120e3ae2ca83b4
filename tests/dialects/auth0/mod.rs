//! Auth0's dialect.

pub mod accounts;
pub mod authorization;
pub mod factors;
pub mod login;
pub mod malformed;
pub mod sessions;
pub mod words;
