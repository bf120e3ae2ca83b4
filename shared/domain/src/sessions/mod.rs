//! A signed-in user's session.

pub mod authentication;
pub mod claims;
pub mod party;
pub mod session;
pub mod standing;
pub mod step_up;
pub mod stepped_session;
pub mod wanted_authentication;
