//! Clients and their apps on phones, authorization codes, who brings a pushed request, and
//! which proofs were shown.

pub(crate) mod client;
pub(crate) mod code;
pub(crate) mod key_proof;
mod native_apps;
pub(crate) mod pushed_request;
