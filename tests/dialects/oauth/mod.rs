//! Plain OAuth 2.0 and OpenID Connect.

pub mod discovery;
pub mod introspect;
pub mod issuers;
pub mod machines;
pub mod revoke;
pub mod tokens;
pub mod userinfo;
