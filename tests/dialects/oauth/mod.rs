//! Plain OAuth 2.0 and OpenID Connect.

pub mod accounts;
pub mod authorization;
pub mod keys;
pub mod sessions;
