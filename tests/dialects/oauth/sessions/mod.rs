//! Tokens: what they hold, what an API learns of them, and how a client revokes them.

pub mod dpop;
pub mod introspect;
pub mod key_holder;
pub mod revoke;
pub mod tokens;
