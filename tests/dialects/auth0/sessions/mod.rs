//! Tokens, sessions and sign-outs in Auth0's dialect.

pub mod my_sessions;
pub mod sign_out;
pub mod tokens;
pub mod trusted_devices;
