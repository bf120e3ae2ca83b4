//! The login in two steps: the password, then a code.

pub mod first_step;
pub mod next_step;
pub mod second_step;
