//! `import`: takes users of another system over.
//!
//! [`rows`] and [`csv`] cut a file into rows, [`auth0`] and [`table`] read a row,
//! [`exported`] a row of `export`,
//! [`run`] brings the rows into the table, [`files`] writes what was refused.

pub mod auth0;
pub mod auth0_hash;
pub mod csv;
pub mod exported;
pub mod fields;
pub mod files;
pub mod rows;
pub mod run;
pub mod source;
pub mod table;
