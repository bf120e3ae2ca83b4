//! `POST /api/accounts/forgotpassword` and `POST /api/accounts/resetpassword`.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign_operation::operation;
use utoipa::ToSchema;

use crate::domain::accounts::named_user::ActionOwner;
use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::id::UserId;
use crate::failure::{Broken, Failure};
use crate::usecase::accounts::forgot_password::forgot_password;
use crate::usecase::accounts::reset_password::reset_password;
use crate::wire::codemaze::accounts::link_page::{Page, link_page, with_token};
use crate::wire::codemaze::refusal::{missing_problems, passwords_differ, validation_problem};
use crate::wire::input::Input;
use crate::wire::{failure, private};

/// Has a reset link sent.
#[derive(ToSchema)]
pub struct CodeMazeForgotPassword {
    /// The e-mail address.
    pub email: String,
    /// Where the link leads, on a named origin.
    #[schema(rename = "clientURI")]
    pub client_uri: String,
}

/// Takes `email` and `clientURI`. Answers 200 with an empty body for every address,
/// after the same time. The link leads to `clientURI` if its origin is allowed.
#[operation(
    summary = "Sends a link for a new password; answers after two seconds.",
    request_body = CodeMazeForgotPassword,
    responses((status = 200, description = "Said whoever's address it is.")),
)]
pub async fn codemaze_forgot_password(input: Input) -> Response {
    let answer = asked(&input).await;
    answered(&input, answer)
}

async fn asked(input: &Input) -> Result<Option<Response>, Failure> {
    let fields = input.fields()?;
    let problems = missing_problems(fields, &["email", "clientURI"]);
    if !problems.is_empty() {
        return Ok(Some(validation_problem(&problems)));
    }
    let email = fields.required_any_case("email")?;
    let page = link_page(
        &input.context.app,
        fields.get_any_case("clientURI"),
        Page::ResetPassword,
    );
    let page = page.ok_or_else(|| Broken::internal("no origin for links"))?;
    let make_link =
        |_: UserId, token: &str| with_token(&input.context.app, page.clone(), token, email.trim());
    forgot_password(&input.context, email, &make_link).await?;
    Ok(None)
}

/// Sets a new password.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct CodeMazeResetPassword {
    /// The new password.
    pub password: String,
    /// The same.
    pub confirm_password: String,
    /// The e-mail address.
    pub email: String,
    /// The token of the link.
    pub token: String,
}

/// Takes `password`, `confirmPassword`, `email`, `token`. Answers 200 with an empty
/// body and resets the count of wrong passwords, or 400 with `errors`. A missing token,
/// a wrong token and an unknown address get the same answer.
#[operation(
    summary = "Sets a new password by the link's token.",
    request_body = CodeMazeResetPassword,
    responses((status = 200, description = "It is set.")),
)]
pub async fn codemaze_reset_password(input: Input) -> Response {
    let answer = done(&input).await;
    answered(&input, answer)
}

async fn done(input: &Input) -> Result<Option<Response>, Failure> {
    let fields = input.fields()?;
    let mut problems = missing_problems(fields, &["password"]);
    problems.extend(passwords_differ(fields));
    if !problems.is_empty() {
        return Ok(Some(validation_problem(&problems)));
    }
    let password = fields.required_secret_any_case("password")?;
    let (Some(email), Some(token)) = (fields.get_any_case("email"), fields.get_any_case("token"))
    else {
        return Err(ActionRefusal::ActionTokenInvalid.into());
    };
    reset_password(&input.context, ActionOwner::Email(email), token, password).await?;
    Ok(None)
}

fn answered(input: &Input, answer: Result<Option<Response>, Failure>) -> Response {
    match answer {
        Ok(None) => private(StatusCode::OK.into_response()),
        Ok(Some(problem)) => problem,
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}
