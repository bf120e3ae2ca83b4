//! How data keys and signing keys are stored.

pub(crate) mod wrapped_key;
