//! What each message is charged to.

pub(crate) mod ceiling;
pub(crate) mod delivery;
pub(crate) mod delivery_item;
pub(crate) mod payers;
mod recipient;
pub(crate) mod rows;
