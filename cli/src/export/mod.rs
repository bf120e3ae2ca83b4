//! `export`: gives users away, so that nobody is locked in.
//!
//! [`row`] says what a user is in the file, [`file`] writes the file, [`all`]
//! brings every user into it, [`one`] a single user. `import/exported.rs` reads
//! the file back.

pub mod all;
pub mod file;
pub mod one;
pub mod row;
