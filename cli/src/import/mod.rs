//! `import`: takes users of another system over.
//!
//! [`rows`] and [`csv`] cut a file into rows, [`format`] knows the reader of a row
//! for each system, [`run`] brings the rows into the table, [`files`] writes what
//! was refused.

pub mod aidbox;
pub mod auth0;
pub mod auth0_hash;
pub mod cognito;
pub mod csv;
pub mod fields;
pub mod files;
pub mod firebase;
pub mod format;
pub mod keycloak;
pub mod rows;
pub mod run;
pub mod source;
pub mod table;
