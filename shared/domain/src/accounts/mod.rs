//! Users, passwords, and what confirms an address.

pub mod action;
mod delivery_marks;
pub mod foreign;
pub mod former_identity;
mod guessable_words;
pub mod known_network;
pub mod login_name;
pub mod password;
pub mod password_policy;
mod password_work;
pub mod person_name;
pub mod profile;
pub mod refusals;
pub mod unusable_hash;
pub mod user;
