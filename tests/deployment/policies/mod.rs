//! Each function's policy allows what the function does, and nothing more.

pub mod accounts;
pub mod conditions;
pub mod enough_and_no_more;
pub mod first_party;
mod my_account;
mod operator;
pub mod pages;
pub mod passkeys;
pub mod passwordless;
pub mod proofs;
pub mod stories;
pub mod web_origins;
