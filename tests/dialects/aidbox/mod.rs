//! Aidbox's dialect.

pub mod authorization;
pub mod factors;
pub mod login;
pub mod pages;
pub mod story;
pub mod words;
