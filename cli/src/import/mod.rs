//! `import`: imports the users and the clients of another system.
//!
//! [`rows`] and [`csv`] read a file as rows, and [`systems`] reads a row of each
//! system. [`run`] stores the users, and [`clients`] stores the clients. [`files`]
//! writes the refused rows and the identifiers. [`counts`] counts the rows for the
//! summary.

pub mod clients;
pub mod counts;
pub mod csv;
pub mod files;
pub mod format;
pub mod options;
pub mod rows;
pub mod run;
pub mod source;
pub mod systems;
