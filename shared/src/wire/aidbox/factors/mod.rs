//! The two-factor calls of a signed-in user.

pub mod two_factor;
