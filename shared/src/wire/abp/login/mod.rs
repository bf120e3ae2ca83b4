//! The login: password, code and tokens.

pub mod codes;
pub mod next_step;
pub mod provider;
pub mod token;
