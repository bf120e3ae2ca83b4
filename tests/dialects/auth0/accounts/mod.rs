//! Accounts in Auth0's dialect.

pub mod sign_up;
