//! AWS fails, or its response is late or lost.

pub mod aws;
pub mod lost_answers;
pub mod sends;
