//! The account API of CodeMaze's articles on ASP.NET Core Identity, under
//! `/api/accounts/`. JSON names are in camelCase, and nulls are written out.

pub mod accounts;
pub mod login;
pub mod refusal;
