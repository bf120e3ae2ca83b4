//! What a stranger tries, and what the owner notices.

pub mod account_enumeration;
pub mod accounts;
pub mod auth0;
pub mod authorization;
pub mod authorization_codes;
pub mod codemaze;
pub mod enrolment;
pub mod pages;
pub mod second_factor;
pub mod sends;
pub mod squatted_links;
pub mod stolen_table;
pub mod stories;
pub mod unknown_names;
pub mod unowned_accounts;
pub mod webhook_reach;
