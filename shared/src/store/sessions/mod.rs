//! Sessions and their refresh tokens.

pub(crate) mod session;
