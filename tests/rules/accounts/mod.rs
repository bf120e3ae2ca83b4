//! Rules of accounts.

pub mod confirmation_links;
pub mod phone_policy;
