//! What is derived from the ring for one use.

pub(super) mod hidden_token;
pub(super) mod passkey;
mod sealed_page_text;
