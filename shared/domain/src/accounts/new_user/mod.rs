//! How a user is made: by anybody who registers, or by an operator.

pub mod by_operator;
pub mod registration;
pub mod roles;
