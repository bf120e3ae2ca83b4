//! Rules of accounts.

pub mod confirmation_links;
