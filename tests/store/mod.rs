//! The verbs of the store, each with its condition.

pub mod actions;
pub mod budgets;
pub mod logins;
pub mod reads_and_times;
pub mod sends;
pub mod sessions;
pub mod users_and_keys;
