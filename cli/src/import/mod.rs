//! `import`: takes users and clients of another system over.
//!
//! [`rows`] and [`csv`] cut a file into rows, [`systems`] reads a row of each
//! system, [`run`] brings the users into the table, [`clients`] the clients.
//! [`files`] writes what was refused, [`counts`] counts what became of the rows.

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
