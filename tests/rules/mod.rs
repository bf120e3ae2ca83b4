//! The rules that hold in every dialect, by subject.

pub mod accounts;
mod events;
pub mod factors;
pub mod input;
pub mod keys;
pub mod lockout;
pub mod log_lines;
pub mod log_of_refused_values;
pub mod login;
pub mod messages;
pub mod metrics;
pub mod moving_in;
pub mod newer_version;
pub mod requests;
pub mod sessions;
