//! Second factors in Aidbox's dialect.

pub mod two_factor;
pub mod webhook;
