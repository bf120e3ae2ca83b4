//! The pages that add and remove a user's factors.

pub mod disable;
pub(crate) mod kept_codes;
pub mod passkey;
pub(crate) mod qr;
pub mod settings;
pub mod two_factor;
