//! What each message is charged to.

pub(crate) mod ceiling;
pub(crate) mod payers;
pub(crate) mod rows;
