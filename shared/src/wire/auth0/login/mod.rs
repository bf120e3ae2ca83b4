//! The login: password, code and tokens.

pub mod mfa;
pub mod next_step;
pub mod passkey;
pub mod passkey_sign_up;
pub mod passwordless;
pub mod token;
