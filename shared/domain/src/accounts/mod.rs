//! Users, passwords, and what confirms an address.

pub mod action;
pub mod login_name;
pub mod password;
pub mod password_policy;
pub mod user;
