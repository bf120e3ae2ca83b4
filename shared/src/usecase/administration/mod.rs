//! What operators do. The operators' tool is the only door to these use cases:
//! no function serves them, but for two files: a user who moves in at a login is made
//! in `users/import.rs` too, and the first client of a deployment has an act
//! (`operator.rs`).

pub mod acts;
pub mod clients;
pub mod destinations;
pub mod keys;
pub mod not_done;
pub mod operator;
pub mod sessions;
pub mod tell;
pub mod users;
