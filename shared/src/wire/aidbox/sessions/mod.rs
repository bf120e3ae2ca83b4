//! Signing out.

pub mod session;
