//! CodeMaze's words.

pub mod accounts;
pub mod login;
pub mod story;
pub mod words;
