//! CodeMaze's dialect.

pub mod accounts;
pub mod login;
pub mod story;
pub mod words;
