//! Rules of logins and their codes.

pub mod codes;
pub mod due_password;
pub mod going_back;
pub mod going_back_to_enrol;
pub mod many_logins;
pub mod two_doors;
