//! The tests of the whole service, in one binary. Each test's name states a behaviour
//! as a sentence. The tests use the real store (on an embedded DynamoDB), the real AWS
//! clients over HTTP, and the real router.
//!
//! `COUNTERSIGN_TEST_DYNAMODB` names another DynamoDB endpoint for the tests.

// Clippy allows tests to unwrap, but treats the code that tests share as production
// code.
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
