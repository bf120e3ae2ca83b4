//! What people paste and clients send: taken, or refused and never widened.

pub mod authorization_header;
pub mod pasted;
pub mod paths;
pub mod phone_numbers;
pub mod types_and_names;
