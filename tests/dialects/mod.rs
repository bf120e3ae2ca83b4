//! Each system's words, as its clients meet them.

pub mod abp;
pub mod aidbox;
pub mod auth0;
pub mod codemaze;
pub mod issuers;
pub mod oauth;
