//! A signed-in user's session.

pub mod authentication;
pub mod session;
pub mod standing;
