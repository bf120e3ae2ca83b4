//! Registering, passwords and phone numbers in ABP's dialect.

pub mod passwords;
pub mod phones;
pub mod register;
