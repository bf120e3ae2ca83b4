//! `/auth/authorize`: the request of an app, the question, and the way back.

mod answer_page;
pub mod authorize;
pub(crate) mod back;
pub mod request;
