//! `cargo local`, run as a developer runs it.

pub mod cors;
mod faults;
mod listen;
pub mod runs;
pub mod seed;
pub mod settings;
mod snippets;
mod state;
pub mod workbench;
