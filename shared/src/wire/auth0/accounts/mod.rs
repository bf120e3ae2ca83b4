//! `/dbconnections/…`: sign-up and forgotten passwords in Auth0's words.

mod connection;
pub mod password;
pub mod refusal;
pub mod sign_up;
