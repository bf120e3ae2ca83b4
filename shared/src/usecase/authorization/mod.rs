//! Clients, and the authorization requests of apps in a browser.

pub mod auth0_code_without_browser;
pub mod auth0_push_request;
pub mod authenticate_client;
pub mod authorize;
pub mod machine_token;
pub mod redeem_authorization_code;
