//! ABP's words: OpenIddict's token endpoint and the account REST of a login.
//! `docs/dialects/abp.md` lists the routes and the known departures.

pub mod account;
pub mod authenticator;
pub mod provider;
pub mod refusal;
pub mod token;
