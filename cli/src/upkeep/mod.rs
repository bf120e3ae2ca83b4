//! What keeps a deployment in order: its keys, and the doctor.

pub mod doctor;
pub mod keys;
