//! AWS fails, or its response is late or lost.

pub mod aws;
pub mod crashes;
pub mod gateway;
pub mod lost_answers;
pub mod sends;
mod trusted_devices;
