//! What keeps a deployment in order: its keys, and the doctor.

pub mod alarm_settings;
pub mod doctor;
pub mod keys;
