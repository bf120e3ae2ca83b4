//! Aidbox's pages for a person's browser, and the authorization endpoint.
//! Everything works without a script; every form carries a token that only
//! this browser's page has.

mod address_page;
mod after_password;
pub mod authorize;
mod back;
mod code_step;
mod cookie;
pub mod disable;
pub mod document;
mod ending;
mod form;
pub(crate) mod mailed_link;
mod new_password_page;
mod page;
mod qr;
pub mod refusal;
mod request;
pub mod reset;
mod said;
pub mod sign_in;
mod sign_in_code;
pub mod sign_out;
pub mod sign_up;
pub mod theme;
pub mod two_factor;

use axum::response::Response;

use super::super::failure;
use super::super::input::Input;
use crate::failure::Failure;

/// The page, or the plain one that says why not.
fn answer(input: &Input, made: Result<Response, Failure>) -> Response {
    made.unwrap_or_else(|refused| failure(input.words, refused, input.context.now()))
}
