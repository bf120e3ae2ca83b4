//! ABP's words: OpenIddict's token endpoint and the account REST.
//! `docs/dialects/abp.md` lists the routes and the known departures.

pub mod account;
pub mod authenticator;
pub mod confirmation;
pub mod document;
pub mod document_user;
pub mod next_step;
pub mod password;
pub mod profile;
pub mod provider;
pub mod refusal;
pub mod register;
pub mod session;
pub mod token;
pub mod user;
