//! The operators' tool over the real store and the real router.

mod acts;
mod clients;
mod completions;
mod destinations;
mod export;
pub mod import;
mod papers;
mod process;
mod progress;
mod run;
pub mod stack;
mod trial;
pub mod upkeep;
mod users;
