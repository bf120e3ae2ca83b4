//! What the log contains, and what it never contains.

pub mod lines;
pub mod refused_values;
