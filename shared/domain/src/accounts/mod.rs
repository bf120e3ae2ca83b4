//! Users, passwords, and what confirms an address.

pub mod action;
pub mod administration_refusal;
pub mod connection_refusal;
mod delivery_marks;
pub mod foreign;
pub mod known_network;
pub mod login_name;
pub mod password;
pub mod password_policy;
mod password_work;
pub mod profile;
pub mod unusable_hash;
pub mod user;
