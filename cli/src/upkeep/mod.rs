//! What keeps a deployment in order: its keys.

pub mod keys;
