//! The refusals that only calls for accounts can cause, by the calls that a dialect may offer.

pub mod account_refusal;
pub mod action_refusal;
pub mod administration_refusal;
pub mod connection_refusal;
pub mod profile_refusal;
