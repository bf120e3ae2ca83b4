//! Auth0's dialect: the resource owner password flow with the MFA API.
//! `docs/dialects/auth0.md` lists the routes and the known departures.

pub mod accounts;
pub mod authorization;
pub mod factors;
pub mod login;
pub mod refusal;
pub mod sessions;
