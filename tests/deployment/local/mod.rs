//! `cargo local`, run as a developer runs it.

pub mod cors;
pub mod runs;
pub mod seed;
pub mod settings;
pub mod workbench;
