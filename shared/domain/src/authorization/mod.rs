//! Authorization requests and their codes.

pub mod authorization_request;
pub mod client;
pub mod client_fields;
pub mod clients;
pub mod code;
pub mod grant;
pub mod key_proof;
pub mod known_scope;
pub mod machine;
pub mod page_refusal;
pub mod proof_refusal;
pub mod redirect_uri;
pub mod request_parameters;
pub mod token_refusal;
