//! What the local service stores: its folder, its database, and the environment of
//! functions.

pub mod data_directory;
pub mod database;
pub mod environment_file;
#[cfg(test)]
pub(crate) mod scratch_directory;
