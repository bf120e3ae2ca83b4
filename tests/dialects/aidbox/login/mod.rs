//! Logins at Aidbox's token endpoint.

pub mod token;
