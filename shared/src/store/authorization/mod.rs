//! Clients, authorization codes, and who brings a pushed request.

pub(crate) mod client;
pub(crate) mod code;
pub(crate) mod pushed_request;
