//! Who pays for a message, and what a message contains.

pub mod budget_table;
pub mod budget_table_first_codes;
pub mod budget_table_my_account;
pub mod budget_table_notices;
pub mod budget_walk;
pub mod ceilings;
pub mod content;
pub mod delivery_events;
mod delivery_order;
mod delivery_reports;
pub mod quotas;
pub mod resets;
mod resets_after_strangers;
pub mod sends;
pub mod two_mailboxes;
