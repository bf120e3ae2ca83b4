//! Budgets of guesses, and pending logins.

pub mod budgets;
pub mod pending_logins;
