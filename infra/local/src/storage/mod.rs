//! Where the local service keeps what it keeps: folder, database, and a function's environment.

pub mod data_directory;
pub mod database;
pub mod environment_file;
#[cfg(test)]
pub(crate) mod scratch_directory;
