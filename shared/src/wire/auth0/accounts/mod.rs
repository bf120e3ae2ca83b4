//! `/dbconnections/…`: sign-up and forgotten passwords in Auth0's words.

pub(super) mod connection;
pub(super) mod my_password;
pub mod password;
pub mod sign_up;
pub mod words;
