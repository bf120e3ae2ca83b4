//! Attacks on the pages, in one browser or from another.

pub mod forms;
pub mod trusted_browsers;
