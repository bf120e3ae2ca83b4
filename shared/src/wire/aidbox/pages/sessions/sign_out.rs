//! `/auth/logout`.

use axum::response::Response;
use countersign_operation::operation;
use utoipa::ToSchema;

use crate::failure::Failure;
use crate::usecase::sessions::form_token::Binding;
use crate::usecase::sessions::sign_out::end_browser_session;
use crate::wire::aidbox::pages::form::{check_origin, check_submitted_form, session_cookie};
use crate::wire::aidbox::pages::login::next_page::SIGN_IN;
use crate::wire::aidbox::pages::page::go_to;
use crate::wire::aidbox::pages::{answer, cookie};
use crate::wire::input::Input;

/// Ends the session.
#[derive(ToSchema)]
pub struct SignOutForm {
    /// The form's token.
    pub csrf: String,
}

/// `POST /auth/logout`: ends the session in the table and deletes its cookie. Answers
/// 303 to the sign-in page.
#[operation(
    summary = "Ends the session.",
    request_body = SignOutForm,
    responses((status = 303, description = "To the sign-in.")),
    security((), ("session" = [])),
)]
pub async fn leave(input: Input) -> Response {
    answer(&input, left(&input).await)
}

async fn left(input: &Input) -> Result<Response, Failure> {
    check_origin(&input.context.app, &input.headers)?;
    let mut response = go_to(SIGN_IN)?;
    if let Ok(value) = session_cookie(input) {
        check_submitted_form(input, input.fields()?, Binding::Session(value)).await?;
        end_browser_session(&input.context, value).await?;
    }
    cookie::clear_cookie(&mut response, cookie::SESSION);
    Ok(response)
}
