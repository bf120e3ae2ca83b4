//! Users: what an operator does with them.

pub mod add;
pub(crate) mod arrived_factors;
pub mod change;
pub mod delete;
pub mod events;
pub mod export;
pub mod find;
pub mod import;
pub mod import_run;
pub mod remove_device;
pub mod remove_factor;
pub mod reset_factors;
pub mod trial;
pub mod unlock;
pub mod update;
