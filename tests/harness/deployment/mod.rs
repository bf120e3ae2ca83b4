//! The deployment, as tests use it: the real binaries, `cargo local`, the template with
//! its policies, and the gateway's events.

pub mod binary;
pub mod cloud;
pub mod cloud_calls;
pub mod event;
pub mod iam;
pub mod local;
mod replica;
pub mod runtime_api;
pub mod template;
