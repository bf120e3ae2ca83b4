//! `/auth/authorize`: the request of an app, the question, and the way back.

mod answer_page;
pub mod authorize;
pub mod request;
pub(crate) mod way_back;
