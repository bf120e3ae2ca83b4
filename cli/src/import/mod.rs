//! `import`: takes users of another system over.
//!
//! [`rows`] cuts a file into rows, [`auth0`] reads a row, [`auth0_hash`] its
//! password, [`run`] brings the rows into the table, [`files`] writes what
//! was refused.

pub mod auth0;
pub mod auth0_hash;
pub mod files;
pub mod rows;
pub mod run;
