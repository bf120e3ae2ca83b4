//! Rules of second factors.

pub mod first_factor;
pub mod limits;
pub mod offer;
pub mod required;
