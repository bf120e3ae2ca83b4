//! `export`: writes users to a file, so that an operator can move to another system.
//!
//! [`row`] makes the row of a user, [`file`] writes the file, [`all`] exports every
//! user, and [`one`] exports a single user. `import/exported.rs` reads the file.

pub mod all;
pub mod file;
pub mod one;
pub mod row;
