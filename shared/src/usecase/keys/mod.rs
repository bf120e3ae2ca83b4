//! The keys of the service, made, replaced and published.

pub mod maintain_keys;
pub mod publish_keys;
