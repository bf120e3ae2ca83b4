//! Auth0's dialect: the resource owner password flow with the MFA API.
//! `docs/dialects/auth0.md` lists the routes and the known departures.

pub mod accounts;
pub mod authenticator;
pub mod enrolment;
pub mod mfa;
pub mod next_step;
pub mod refusal;
pub mod token;
