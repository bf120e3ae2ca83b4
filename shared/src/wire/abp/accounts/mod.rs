//! Registration, confirmations, passwords, profiles, and users as an administrator sees
//! them.

pub mod confirmation;
pub mod password;
pub mod profile;
pub mod register;
pub mod user;
