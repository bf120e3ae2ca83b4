//! Tokens and sign-outs in Auth0's dialect.

pub mod sign_out;
pub mod tokens;
pub mod trusted_devices;
