//! Clients and authorization codes in the store.

pub mod clients;
pub mod codes;
