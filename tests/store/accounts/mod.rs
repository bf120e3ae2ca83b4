//! Users, their names and hashes, and their actions.

pub mod actions;
pub mod users;
