//! How a new factor comes in: what it is, its first code, and what the code confirms.

pub mod confirmation;
pub mod first_code;
pub mod new_factor;
