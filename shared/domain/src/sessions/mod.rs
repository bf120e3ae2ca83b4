//! A signed-in user's session.

pub mod audience;
pub mod authentication;
pub mod claims;
pub mod login_result;
pub mod party;
pub mod session;
pub mod sign_out_request;
pub mod standing;
pub mod step_up;
pub mod stepped_session;
pub mod token_place;
pub mod trusted_device;
pub mod wanted_authentication;
