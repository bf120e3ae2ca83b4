//! The account API of CodeMaze's articles on ASP.NET Core Identity, under
//! `/api/accounts/`. JSON names are in camelCase, and nulls are written out.

pub mod login;
pub mod next_step;
mod pages;
pub mod password;
pub mod refusal;
pub mod registration;
