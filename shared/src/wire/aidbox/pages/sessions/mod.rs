//! How a browser's session is replaced and ended.

pub mod app_sign_out;
pub(crate) mod finish_sign_in;
pub mod sign_out;
