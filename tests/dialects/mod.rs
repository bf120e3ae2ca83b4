//! Each dialect, as its clients use it.

pub mod abp;
pub mod aidbox;
pub mod auth0;
pub mod codemaze;
pub mod oauth;
