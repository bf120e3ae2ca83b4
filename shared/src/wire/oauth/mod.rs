//! Plain OAuth 2.0 and OpenID Connect: metadata, keys, revocation, user
//! information. The token endpoints of the dialects share `wire/grants.rs`.

pub mod accounts;
pub mod keys;
pub mod sessions;
