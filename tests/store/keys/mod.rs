//! Keys in the table.

pub mod wrapped_key;
