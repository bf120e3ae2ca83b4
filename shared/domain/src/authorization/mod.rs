//! Authorization requests and their codes.

pub mod client;
pub mod code;
pub mod page_refusal;
pub mod redirect_uri;
pub mod request;
