//! The operators' tool. It calls the same use cases as the functions, on the same table
//! and with the same keys.
//!
//! Read [`options`] for the command line, [`connection`] for how the tool finds a
//! deployment, [`act`] for what a command does, [`report`] for the output,
//! [`report::progress`] for the line of long work and [`problem`] for the exit codes.
//!
//! The feature `deployments` finds a deployment, and is on by default. `cargo local` runs
//! commands on its own service, and needs no CloudFormation.

pub mod act;
pub mod acts;
pub mod age;
pub mod client;
pub mod completions;
#[cfg(feature = "deployments")]
pub mod connection;
pub mod export;
pub mod import;
pub mod options;
pub mod problem;
pub mod report;
pub mod sends;
pub mod session;
#[cfg(feature = "deployments")]
pub mod settings_file;
#[cfg(feature = "deployments")]
pub mod stack;
#[cfg(feature = "deployments")]
pub mod trial;
pub mod upkeep;
pub mod user;

#[cfg(feature = "deployments")]
mod run;

#[cfg(feature = "deployments")]
pub use run::run;
