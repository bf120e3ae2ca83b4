//! Notices, phone numbers, and who pays for a message.

pub mod billing;
pub mod delivery;
pub mod destination;
pub mod notice;
pub(crate) mod numbering_plans;
pub mod own_budgets;
pub mod payers;
pub mod phone_number;
pub mod sms_countries;
