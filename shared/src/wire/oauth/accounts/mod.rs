//! The user of an access token.

pub mod user_info;
