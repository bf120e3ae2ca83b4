//! The operators' tool over the real store and the real router.

mod clients;
mod destinations;
mod export;
pub mod import;
mod import_clients;
mod import_killed;
pub mod import_kinds;
mod import_refused;
mod import_systems;
mod import_systems_refused;
mod import_table;
mod papers;
mod process;
mod run;
pub mod stack;
pub mod upkeep;
mod users;
