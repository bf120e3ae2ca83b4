//! Sessions and their generations.

pub mod session;
