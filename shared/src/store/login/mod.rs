//! Pending logins, their codes, and the budgets of guesses.

pub(crate) mod adopted_send;
pub(crate) mod code_budget;
pub(crate) mod first_factor;
pub(crate) mod login_result;
pub(crate) mod mailbox_code;
pub(crate) mod passkey;
pub(crate) mod password_budget;
pub(crate) mod password_charge;
pub(crate) mod pending_login;
pub(crate) mod pending_login_item;
pub(crate) mod pending_logins;
pub(crate) mod redemption;
pub(crate) mod seen_lock;
