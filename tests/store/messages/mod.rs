//! Sends and their budgets.

pub mod sends;
