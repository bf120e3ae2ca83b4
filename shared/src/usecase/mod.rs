//! The use cases. A file holds one thing that a caller can do, with the steps that belong to
//! it alone. A use case takes the request's `Context` and what the request
//! asks for, independent of any dialect. It returns a result, a `Refusal` or `Broken`.

pub mod accounts;
pub mod administration;
pub mod authorization;
pub mod client_context;
pub mod context;
pub mod events;
pub mod factors;
pub mod keys;
pub mod login;
pub mod messages;
pub mod proof_header;
mod request_keys;
mod request_proof;
pub(crate) mod retry;
pub mod sessions;
