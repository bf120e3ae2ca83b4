//! The clients that a deployment makes, their secrets, and their apps on phones.

pub mod client_secret;
pub mod first_client;
pub mod native_apps;
