//! The authenticator app of a signed-in user.

pub mod authenticator;
