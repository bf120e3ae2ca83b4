//! What a stranger tries, and what the owner notices of it.

pub mod account_enumeration;
pub mod accounts;
pub mod authorization;
pub mod codemaze;
pub mod confirmations_and_locks;
pub mod enrolment;
pub mod pages;
pub mod second_factor;
pub mod sends;
pub mod sign_up_and_sign_out;
pub mod squatted_links;
pub mod stolen_table;
pub mod stories;
pub mod unknown_names;
pub mod unowned_accounts;
pub mod webhook_reach;
