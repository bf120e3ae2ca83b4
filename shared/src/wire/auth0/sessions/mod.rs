//! The devices that a user trusts.

pub mod trusted_devices;
