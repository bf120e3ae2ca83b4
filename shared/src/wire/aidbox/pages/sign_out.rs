//! `/auth/logout`.

use axum::extract::State;
use axum::response::Response;

use super::after_password::SIGN_IN;
use super::document::SignOutForm;
use super::form::{check, check_origin, session};
use super::page::go_to;
use super::{answer, cookie};
use crate::app::App;
use crate::failure::Failure;
use crate::usecase::sessions::browser_session::sign_out;
use crate::usecase::sessions::form_token::Binding;
use crate::wire::input::Input;

/// `POST /auth/logout`: ends the session, here and in the table; 303 to the
/// sign-in page.
#[utoipa::path(
    post, path = "/auth/logout",
    summary = "Ends the session.",
    request_body = SignOutForm,
    responses((status = 303, description = "To the sign-in.")),
    security((), ("session" = [])),
)]
pub async fn leave(State(app): State<App>, input: Input) -> Response {
    answer(&input, left(&app, &input).await)
}

async fn left(app: &App, input: &Input) -> Result<Response, Failure> {
    check_origin(app, &input.headers)?;
    let mut response = go_to(SIGN_IN)?;
    if let Ok(value) = session(input) {
        check(app, input, input.fields()?, Binding::Session(value)).await?;
        sign_out(app, &input.caller, value).await?;
    }
    cookie::clear(&mut response, cookie::SESSION);
    Ok(response)
}
