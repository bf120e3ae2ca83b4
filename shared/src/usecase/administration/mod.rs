//! What operators do. The operators' tool is the only door to these use cases: no
//! function serves them. There are two exceptions. `users/import.rs` also makes a user who
//! moves in at a login. `operator.rs` also gives the first client of a deployment an act.

pub mod act_failure;
pub mod acts;
pub mod clients;
pub mod destinations;
pub mod keys;
pub mod operator;
pub mod sessions;
pub mod tell;
pub mod users;
