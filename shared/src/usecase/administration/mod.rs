//! What operators do. The operators' tool is the only door to these use cases:
//! no function serves them.

pub mod clients;
pub mod destinations;
pub mod keys;
pub mod not_done;
pub mod operator;
pub mod sessions;
pub mod tell;
pub mod users;
