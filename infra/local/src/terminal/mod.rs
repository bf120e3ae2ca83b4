//! What `cargo local` prints when it starts.

pub mod addresses;
pub mod demo_table;
