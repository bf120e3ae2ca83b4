//! Countersign: a login with a second factor, in its operator's own AWS account.
//!
//! Read in this order. [`routes`] lists every route with its function and its handler.
//! A handler in [`wire`] speaks one dialect and calls one use case in [`usecase`]. The
//! use case applies the rules of [`domain`], writes through [`store`] and [`notify`],
//! and uses the keys of [`keyring`]. [`failure`] has the two kinds of errors,
//! [`config`] every setting, [`metrics`] what is measured, [`lambda`] the runtime.

pub mod app;
pub mod clock;
pub mod config;
pub mod failure;
pub mod keyring;
pub mod lambda;
pub mod metrics;
pub mod notify;
pub mod openapi;
pub mod routes;
pub mod store;
pub mod usecase;
pub mod wire;

pub use countersign_domain as domain;
