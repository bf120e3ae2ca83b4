//! A whole service for a test: its own table on an embedded DynamoDB, stand-ins for
//! SES, SNS and KMS, every route, the demo data, and a clock that only the test moves.

pub mod account;
pub mod aidbox;
mod answer;
pub mod browser;
mod cold_start;
pub mod deployment;
pub mod document;
pub mod enrolment;
pub mod events;
mod log;
mod login;
pub mod panics;
pub mod proxy;
pub mod refusals;
mod service;
pub mod snapshot;
mod table;

pub use answer::{Answer, attribute, unescape};
pub use cold_start::{ADDRESS, START};
pub use log::{holds, lines_since_start, logged, measured};
pub use service::Service;
pub use snapshot::{alike, in_turn};
pub use table::{address_factor, totp_factor};
