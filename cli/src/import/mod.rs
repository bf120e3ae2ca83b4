//! `import`: imports the users and the clients of another system.
//!
//! [`rows`] and [`csv`] read a file as rows, `utf16` converts a file to UTF-8, [`systems`] reads a row of each system,
//! and [`exported`] reads a row of `export`. [`run`] stores the users, and [`clients`]
//! stores the clients. `flight` has several batches of users under way, and [`files`] writes the refused
//! rows and the identifiers.
//! [`counts`] counts the rows for the summary.

pub mod clients;
pub mod counts;
pub mod csv;
pub mod exported;
pub mod files;
mod flight;
pub mod format;
pub mod options;
pub mod rows;
pub mod run;
pub mod source;
pub mod systems;
mod utf16;
