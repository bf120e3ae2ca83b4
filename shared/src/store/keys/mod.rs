//! Data keys and signing keys, as they are kept.

pub(crate) mod wrapped_key;
