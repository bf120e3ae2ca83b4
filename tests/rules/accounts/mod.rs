//! Rules of accounts.

pub mod confirmation;
pub mod confirmation_links;
pub mod passwords;
pub mod phone;
pub mod phone_policy;
