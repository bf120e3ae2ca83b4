//! Countersign: a login with a second factor, in its owner's own AWS account.
//!
//! Read in this order: [`routes`] says which function serves what and which
//! handler to open; a handler in [`wire`] reads its dialect and calls one use
//! case in [`usecase`]; that applies the rules of [`domain`] and writes through
//! [`store`] and [`notify`], with what [`keyring`] derives. [`failure`] has the
//! two kinds of errors, [`config`] every setting, [`lambda`] the runtime.

pub mod app;
pub mod clock;
pub mod config;
pub mod failure;
pub mod keyring;
pub mod lambda;
pub mod notify;
pub mod openapi;
pub mod routes;
pub mod store;
pub mod usecase;
pub mod wire;

pub use countersign_domain as domain;
