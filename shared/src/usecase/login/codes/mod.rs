//! Codes: how a code is sent, and how a code is proven.

pub(crate) mod adopt_send;
pub mod auth0_mailbox_code;
pub(crate) mod deliver_code;
pub(crate) mod prove;
pub mod send_code;
pub mod sign_in_by_code;
pub mod sign_in_by_link;
pub mod verify_code;
