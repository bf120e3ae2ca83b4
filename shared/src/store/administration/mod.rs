//! The reads and writes that only operators make.

pub(crate) mod act;
pub(crate) mod event;
pub(crate) mod export;
pub(crate) mod key_uses;
mod known_users;
mod many_users;
mod scan;
pub(crate) mod sends;
mod sessions;
mod traces;
pub(crate) mod user_change;
pub(crate) mod user_removal;
pub(crate) mod user_update;
mod users;
