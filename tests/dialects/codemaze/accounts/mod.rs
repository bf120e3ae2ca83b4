//! Accounts in CodeMaze's dialect.

pub mod register;
