//! What a signed-in user holds: tokens, cookies, and how they end.

pub mod bearer;
pub mod browser_session;
pub mod form_token;
pub mod issue_tokens;
pub mod refresh;
pub mod revoke;
pub mod sign_out;
