//! The clients that a deployment makes, and their secrets.

pub mod client_secret;
pub mod first_client;
