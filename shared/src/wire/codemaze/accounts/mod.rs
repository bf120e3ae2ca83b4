//! Registration, confirmation and passwords.

pub mod link_page;
pub mod password;
pub mod registration;
