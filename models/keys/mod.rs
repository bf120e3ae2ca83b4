//! The key ring: key pairs that sign, and data keys that seal.

mod data_keys;
mod signing_pairs;
