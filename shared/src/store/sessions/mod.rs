//! Sessions and their refresh tokens.

pub(crate) mod session;
pub(crate) mod trusted_device;
