//! What the source and the papers must look like.

pub mod binaries;
pub mod circles;
pub mod context;
pub mod fields;
pub mod folders;
pub mod names;
pub mod papers;
pub mod routes;
pub mod signatures;
pub mod source;
