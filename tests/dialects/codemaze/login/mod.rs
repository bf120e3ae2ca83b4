//! Logins in CodeMaze's dialect.

pub mod password_and_code;
