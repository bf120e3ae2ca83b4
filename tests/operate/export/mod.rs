//! `export` and `user export`.

mod every_user;
pub mod one_user;
mod passkeys;
mod profile;
