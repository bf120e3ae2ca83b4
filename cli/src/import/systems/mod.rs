//! Reads a row of each system. [`fields`] holds what the readers share.

pub mod aidbox;
pub mod auth0;
pub mod auth0_hash;
pub mod cognito;
pub mod fields;
pub mod firebase;
pub mod keycloak;
pub mod mapping;
pub mod table;
