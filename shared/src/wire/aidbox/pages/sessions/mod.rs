//! How a browser's session is replaced and ended.

pub(crate) mod ending;
pub mod sign_out;
