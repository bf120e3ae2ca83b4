//! Authorization codes, each spent once.

pub(crate) mod code;
