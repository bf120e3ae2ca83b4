//! Pages of the sign-up, of forgotten passwords, and of links in messages.

pub(crate) mod address_page;
pub(crate) mod mailed_link;
pub(crate) mod new_password_page;
pub mod reset;
pub mod sign_up;
