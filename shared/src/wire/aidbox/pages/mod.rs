//! Aidbox's pages for a person's browser, and the authorization endpoint.
//! Everything works without a script; every form carries a token that only
//! this browser's page has.

pub mod accounts;
pub mod authorization;
mod cookie;
pub mod factors;
mod form;
pub mod login;
mod page;
pub mod refusal;
mod said;
pub mod sessions;
pub mod theme;

use axum::response::Response;

use crate::failure::Failure;
use crate::wire::failure;
use crate::wire::input::Input;

/// The page, or the plain one that says why not.
fn answer(input: &Input, made: Result<Response, Failure>) -> Response {
    made.unwrap_or_else(|refused| failure(input.words, refused, input.context.now()))
}
