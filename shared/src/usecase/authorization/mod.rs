//! Clients, and the authorization requests of apps in a browser.

pub mod authenticate_client;
pub mod authorize;
pub mod machine_token;
pub mod push_request;
pub mod redeem_authorization_code;
