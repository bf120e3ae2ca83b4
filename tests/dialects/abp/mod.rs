//! ABP's dialect.

pub mod accounts;
pub mod clients;
pub mod codes_without_token;
pub mod login;
pub mod malformed;
pub mod passwords;
pub mod phones;
pub mod refusals;
pub mod two_factor;
pub mod words;
