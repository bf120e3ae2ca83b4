//! The tests of the whole service: one binary. Each test states a behaviour as
//! a sentence, on the real store (embedded), the real AWS clients over HTTP
//! and the real router.
//!
//! `COUNTERSIGN_TEST_DYNAMODB` names another DynamoDB endpoint to run on.

mod harness;

mod auth0_login;
mod auth0_requests;
mod budgets;
mod events;
mod faults;
mod keys;
mod local;
mod lockout;
mod lockout_codes;
mod log_lines;
mod races;
mod sends;
mod sessions;
mod store;
mod tidy;
mod tidy_binaries;
mod tidy_papers;
mod unknown_names;
mod verify;
