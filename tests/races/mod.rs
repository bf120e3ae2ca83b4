//! Concurrent requests: what may happen once happens once.

pub mod actions;
pub mod authorization;
pub mod budgets;
mod deletion;
pub mod factors;
mod first_party;
mod histories;
pub mod keys_and_sessions;
pub mod logins;
pub mod moving_in;
mod replicas;
mod trusted_devices;
