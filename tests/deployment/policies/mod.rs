//! Each function's policy allows what the function does, and nothing more.

pub mod accounts;
pub mod conditions;
pub mod enough_and_no_more;
mod operator;
pub mod pages;
pub mod passkeys;
pub mod passwordless;
pub mod stories;
