//! `export` and `user export`.

mod every_user;
pub mod one_user;
pub mod passkeys;
mod profile;
mod refused_rows;
