//! Clients: what an operator does with them.

pub mod add;
pub mod change;
mod check;
pub mod import;
pub mod remove;
pub mod rotate_secret;
mod secret;
