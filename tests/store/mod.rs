//! The verbs of the store, each with its condition.

pub mod accounts;
pub mod authorization;
pub mod factors;
pub mod keys;
pub mod login;
pub mod messages;
pub mod sessions;
