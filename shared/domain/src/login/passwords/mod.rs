//! A name and a password at a login: what is read of them, and what the comparison means.

pub mod typed_name;
pub mod verdict;
