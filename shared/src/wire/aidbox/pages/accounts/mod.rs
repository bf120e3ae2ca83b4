//! The pages for sign-up and forgotten passwords, and the pages that links in e-mails
//! open.

pub(crate) mod address_page;
pub(crate) mod mailed_link;
pub(crate) mod new_password_page;
pub mod reset;
pub mod sign_up;
