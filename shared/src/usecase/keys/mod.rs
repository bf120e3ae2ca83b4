//! Makes, replaces and publishes the keys of the service.

pub mod maintain_keys;
pub mod publish_keys;
