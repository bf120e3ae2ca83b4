//! The rules for the source and the documents.

pub mod binaries;
pub mod circles;
pub mod commands;
pub mod context;
pub mod door;
pub mod fields;
pub mod folders;
pub mod imports;
pub mod methods;
pub mod names;
pub mod papers;
pub mod refusals;
pub mod routes;
pub mod settings;
pub mod signatures;
pub mod source;
