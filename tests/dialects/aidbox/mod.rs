//! Aidbox's dialect.

pub mod authorize;
pub mod authorize_parameters;
pub mod authorize_prompts;
pub mod login;
pub mod pages;
pub mod story;
pub mod two_factor;
pub mod webhook;
pub mod words;
