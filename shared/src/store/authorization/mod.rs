//! Authorization codes, each spent once.

pub(crate) mod client;
pub(crate) mod code;
