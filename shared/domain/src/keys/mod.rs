//! When a key is made, used, followed by the next key, and deleted.

pub mod algorithm;
pub mod data_keys;
pub mod signing_pairs;
#[cfg(test)]
mod signing_pairs_tests;
