//! Rules of keys.

pub mod first_client;
pub mod maintenance;
pub mod purposes;
pub mod rotation;
