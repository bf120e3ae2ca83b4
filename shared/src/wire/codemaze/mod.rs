//! ASP.NET Core Identity's account API as CodeMaze's articles have it, under
//! `/api/accounts/`: JSON in camelCase, nulls written out.

pub mod login;
pub mod next_step;
mod pages;
pub mod password;
pub mod refusal;
pub mod registration;
