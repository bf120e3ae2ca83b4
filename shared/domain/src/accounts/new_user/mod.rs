//! How a user is made, by anybody who registers or by an operator, and what an operator
//! changes.

pub mod by_operator;
pub mod registration;
pub mod roles;
pub mod user_update;
