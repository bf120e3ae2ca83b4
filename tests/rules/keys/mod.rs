//! Rules of keys.

pub mod maintenance;
pub mod purposes;
pub mod rotation;
