//! Who pays for a message, and what a message looks like.

pub mod budget_table;
pub mod budget_table_notices;
pub mod ceilings;
pub mod mail_format;
pub mod notices;
pub mod quotas;
pub mod resets;
pub mod sends;
