//! Charges and sends messages on behalf of the other subjects.

pub(crate) mod charge_message;
pub mod delivery_report;
pub(crate) mod lockout_notice;
pub(crate) mod notice;
pub(crate) mod send_action;
