//! Aidbox's pages for browsers, and the authorization endpoint. Every page works
//! without scripts, except the two of `authorization/answer_page.rs`. Every form has a token that is valid only in this browser.

pub mod accounts;
pub mod authorization;
mod cookie;
pub mod factors;
pub mod form;
mod form_message;
pub mod login;
mod page;
mod page_step;
pub mod refusal;
pub mod sessions;
pub mod theme;

use axum::response::Response;

use crate::failure::Failure;
use crate::wire::failure;
use crate::wire::input::Input;

/// Returns the page, or a plain page that explains the failure.
fn answer(input: &Input, made: Result<Response, Failure>) -> Response {
    made.unwrap_or_else(|refused| failure(input.words, refused, input.context.now()))
}
