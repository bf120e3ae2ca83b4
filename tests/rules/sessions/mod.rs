//! Rules of sessions and refresh tokens.

pub mod refresh;
pub mod signed_out;
