//! Aidbox's authorization requests.

pub mod authorize;
pub mod parameters;
pub mod prompts;
