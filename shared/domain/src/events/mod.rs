//! What happened: one typed event for each outcome that matters to security.

pub mod attempt;
pub mod event;
pub mod kind;
pub mod operator_command;
pub mod reason;
pub mod record;
pub mod verdict;
