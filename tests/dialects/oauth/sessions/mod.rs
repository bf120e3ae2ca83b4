//! Tokens: what they hold, what an API learns of them, and how a client revokes them.

pub mod introspect;
pub mod revoke;
pub mod tokens;
