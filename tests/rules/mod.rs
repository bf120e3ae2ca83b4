//! The rules that hold in every dialect, by subject.

pub mod accounts;
mod events;
pub mod factors;
pub mod input;
pub mod keys;
pub mod lockout;
pub mod log;
pub mod login;
pub mod messages;
pub mod metrics;
pub mod moving_in;
pub mod requests;
pub mod sessions;
pub mod versions;
