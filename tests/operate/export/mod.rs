//! `export` and `user export`.

mod every_user;
mod one_user;
mod profile;
