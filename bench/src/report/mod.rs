//! The page of figures, and what its numbers mean.

pub mod cost;
pub mod plots;
pub mod tables;
