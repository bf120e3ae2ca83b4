//! The sessions of a signed-in user, and the devices that a user trusts.

pub mod my_sessions;
pub mod trusted_devices;
