//! What a signed-in user holds: tokens, cookies, and how they end.

pub mod auth0_my_sessions;
pub mod authenticate;
pub(crate) mod claims_json;
pub mod form_token;
pub mod introspect;
pub mod issue_tokens;
pub(crate) mod kept_session;
pub mod refresh;
pub mod requirement;
pub mod return_address;
pub mod revoke;
pub(crate) mod seen_token;
pub mod sign_out;
pub mod trusted_devices;
pub(crate) mod unread_bearer;
