//! Passkeys: how a signed-in user adds one, and the ceremonies of W3C Web Authentication.

pub mod auth0_enrol;
pub mod ceremony;
pub(crate) mod client_data;
pub(crate) mod options;
