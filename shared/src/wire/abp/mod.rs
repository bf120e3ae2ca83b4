//! ABP's dialect: OpenIddict's token endpoint, and the account REST calls.
//! `docs/dialects/abp.md` lists the routes and the known departures.

pub mod accounts;
pub mod factors;
pub mod login;
pub mod refusal;
pub mod sessions;
