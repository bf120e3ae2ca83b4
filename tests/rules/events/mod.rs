//! Events: which there are, what each request leaves, and where they go.

mod bus;
mod kept;
mod papers;
mod types;
