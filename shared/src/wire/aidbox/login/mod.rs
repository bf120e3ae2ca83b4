//! The login: password, code and tokens.

pub mod next_step;
pub mod token;
