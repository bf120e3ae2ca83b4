//! ABP's dialect.

pub mod accounts;
pub mod clients;
pub mod factors;
pub mod login;
pub mod malformed;
pub mod words;
