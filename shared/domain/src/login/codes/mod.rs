//! What a typed code is compared with, and what a wrong one is told.

pub mod read_beside;
pub mod told;
