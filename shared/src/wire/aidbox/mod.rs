//! Aidbox's dialect: its token endpoint, the users' two-factor calls, and the end of a
//! session. JSON names are in snake_case. Users have the camelCase names of Aidbox's
//! resources.

pub mod accounts;
pub mod factors;
pub mod login;
pub mod pages;
pub mod refusal;
pub mod sessions;
