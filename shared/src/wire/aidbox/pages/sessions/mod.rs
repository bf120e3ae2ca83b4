//! How the session of a browser begins anew and ends.

pub(crate) mod ending;
pub mod sign_out;
