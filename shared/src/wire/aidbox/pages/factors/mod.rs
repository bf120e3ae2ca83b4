//! Pages on which a signed-in user adds and removes factors.

pub mod disable;
pub(crate) mod qr;
pub mod two_factor;
