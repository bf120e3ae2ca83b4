//! Models of what several requests do at once to the items of one user.
//!
//! A model is checked in every interleaving of its actors. An actor is one request. It
//! makes the calls to the table that the use case makes, one a step, and may die between
//! any two of them. Between two calls it knows only what it has read.
//!
//! What an actor decides comes from the functions of `countersign-domain`, and the state
//! holds the values of the domain: the models copy no rule. A verb of the store is its
//! condition and its update, because DynamoDB carries out each of them at once.
//!
//! Each model takes a planted fault: a condition that is missing, or a rule that is not
//! asked. A test for each property plants a fault and expects the counterexample, so
//! the property can fail.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod check;
mod enrolments;
mod keys;
mod login;
mod sends;
mod sessions;
