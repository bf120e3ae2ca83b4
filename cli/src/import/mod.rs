//! `import`: imports the users of another system.
//!
//! [`rows`] and [`csv`] read a file as rows, [`auth0`] and [`table`] read a row,
//! [`run`] stores the users, and [`files`] writes the refused rows and the identifiers.

pub mod auth0;
pub mod auth0_hash;
pub mod csv;
pub mod fields;
pub mod files;
pub mod rows;
pub mod run;
pub mod source;
pub mod table;
