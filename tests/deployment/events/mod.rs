//! The gateway payloads in `events/`, and each function's answers to them.

pub mod abp;
pub mod accounts;
pub mod aidbox;
pub mod auth0_accounts;
pub mod enrolment;
pub mod malformed;
pub mod pages;
pub mod routes;
