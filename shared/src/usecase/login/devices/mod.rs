//! A device that a user trusts: it is remembered after a second factor, and later its key stands
//! in for the factor.

pub mod remember;
pub(crate) mod sign_in;
