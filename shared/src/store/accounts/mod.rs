//! Users, passwords, and the links that confirm or reset.

pub(crate) mod action;
pub(crate) mod anonymous_budget;
mod begun_sign_up;
pub(crate) mod confirmation_permit;
pub(crate) mod hash_kinds;
pub(crate) mod mailbox_owner;
mod name_from_network;
pub(crate) mod password;
pub(in crate::store) mod phone_owner;
pub(crate) mod remembered_state;
pub(crate) mod replaced_links;
mod standing_check;
pub(crate) mod user;
pub(crate) mod user_item;
