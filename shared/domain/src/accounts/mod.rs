//! Users, passwords, and what confirms an address.

pub mod action;
mod delivery_marks;
pub mod foreign;
mod guessable_words;
pub mod known_network;
pub mod login_name;
pub mod moving_in;
pub mod named_user;
pub mod new_user;
pub mod password;
pub mod password_policy;
mod password_work;
pub mod person_name;
pub mod profile;
pub mod refusals;
pub mod unowned;
pub mod unusable_hash;
pub mod user;
