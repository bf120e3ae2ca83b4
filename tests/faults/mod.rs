//! AWS fails, answers late or answers twice.

pub mod aws;
pub mod lost_answers;
pub mod sends;
