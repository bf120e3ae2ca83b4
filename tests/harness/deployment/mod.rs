//! What is deployed, as tests drive it: the real binaries, `cargo local`, the
//! template with its policies, and the events of the gateway.

pub mod binary;
pub mod cloud;
pub mod cloud_calls;
pub mod event;
pub mod iam;
pub mod local;
pub mod runtime_api;
pub mod template;
