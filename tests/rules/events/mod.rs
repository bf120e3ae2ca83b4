//! Events: which there are, what each request leaves, and where they go.

mod accounts;
pub mod acts;
pub mod bus;
mod first_codes;
mod kept_events;
mod machines;
mod operator;
mod papers;
mod types;
mod without_request;
