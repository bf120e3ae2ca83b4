//! A device that a user trusts: it is remembered after a second factor, and later its key stands
//! in for the factor. A browser on our own pages keeps a random value in a cookie in place of a
//! key.

pub(crate) mod browser;
pub mod remember;
pub(crate) mod sign_in;
