//! The login: password, code and tokens.

pub mod mfa;
pub mod next_step;
pub mod passkey;
pub mod passwordless;
pub mod token;
