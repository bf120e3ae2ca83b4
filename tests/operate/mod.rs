//! What the operators' tool does, over the real store and the real router.

mod clients;
mod destinations;
mod export;
mod export_one;
pub mod import;
pub mod import_kinds;
mod import_refused;
mod import_table;
mod process;
mod run;
mod stack;
mod users;
