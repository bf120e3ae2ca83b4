//! Passkeys: how a signed-in user adds one, and the ceremonies of W3C Web Authentication.

pub(crate) mod ceremony;
pub mod enrol;
