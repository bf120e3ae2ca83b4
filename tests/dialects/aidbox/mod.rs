//! Aidbox's dialect.

pub mod authorize;
pub mod authorize_parameters;
pub mod authorize_prompts;
pub mod login;
pub mod page_words;
pub mod pages;
pub mod pages_as_read;
pub mod pages_on_the_way;
pub mod pages_revisited;
pub mod story;
pub mod theme;
pub mod two_factor;
pub mod webhook;
pub mod words;
