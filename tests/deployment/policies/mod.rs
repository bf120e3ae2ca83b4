//! Each function's policy: enough for what the function does, and no more.

pub mod accounts;
pub mod conditions;
pub mod enough_and_no_more;
mod operator;
pub mod pages;
pub mod stories;
