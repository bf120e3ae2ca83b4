//! The end of a session.

pub mod revocation;
