//! How a browser's session is replaced and ended.

pub(crate) mod finish_sign_in;
pub mod sign_out;
