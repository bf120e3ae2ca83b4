//! Rules of logins and their codes.

pub mod codes;
pub mod going_back;
pub mod many_logins;
