//! The tests of the whole service: one binary. Each test states a behaviour as
//! a sentence, on the real store (embedded), the real AWS clients over HTTP
//! and the real router.
//!
//! `COUNTERSIGN_TEST_DYNAMODB` names another DynamoDB endpoint to run on.

// Clippy lets tests unwrap, but takes what they share for production code.
#![allow(clippy::unwrap_used, clippy::panic)]

mod attacks;
mod deployment;
mod dialects;
mod faults;
mod harness;
mod operate;
mod races;
mod rules;
mod store;
mod tidy;
