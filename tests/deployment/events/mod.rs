//! The payloads of API Gateway in `events/`, and what each function answers them.

pub mod abp;
pub mod accounts;
pub mod aidbox;
pub mod enrolment;
pub mod malformed;
pub mod pages;
pub mod routes;
