//! Aidbox: its token endpoint, its users' two-factor calls, and the end of a
//! session. JSON in snake_case, users in the camelCase of its resources.

pub mod next_step;
pub mod pages;
pub mod refusal;
pub mod token;
pub mod two_factor;
pub mod user;
