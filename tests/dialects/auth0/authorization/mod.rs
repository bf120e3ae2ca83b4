//! The authorization code flow of Auth0's apps.

pub mod authorize;
pub mod first_party;
mod id_token;
