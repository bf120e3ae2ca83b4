//! Makes, replaces and publishes the keys of the service.

mod first_keys;
pub mod maintain_keys;
pub mod passkey_files;
pub mod publish_keys;
pub mod web_origins;
