//! Registration, confirmations, passwords, profiles, and users as administrators see them.

pub mod confirmation;
pub mod password;
pub mod profile;
pub mod register;
pub mod user;
