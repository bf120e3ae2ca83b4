//! The pages of the sign-in: the password, the code, and the next steps.

pub(crate) mod code_step;
pub mod mailed_sign_in;
pub(crate) mod next_page;
pub mod sign_in;
pub(crate) mod sign_in_code;
