//! A signed-in user's session.

pub mod session;
