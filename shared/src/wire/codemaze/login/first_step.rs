//! `POST /api/accounts/login`.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use utoipa::ToSchema;

use crate::failure::{Broken, Failure};
use crate::usecase::authorization::authenticate_client::codemaze_client;
use crate::usecase::login::codemaze_second_step::{FirstStep, FirstStepAnswer, take_first_step};
use crate::usecase::login::finished_login::Granted;
use crate::wire::codemaze::accounts::link_page::{Page, beside, link_page, with_token};
use crate::wire::codemaze::login::next_step::codemaze_next_step;
use crate::wire::codemaze::refusal::{auth_response, missing_problems, validation_problem};
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

/// The providers of the second step, by the names of ASP.NET Core Identity. The app
/// sends back the provider that the first step named.
pub(super) const EMAIL: &str = "Email";
pub(super) const AUTHENTICATOR: &str = "Authenticator";

/// `AuthResponseDto`: nulls are written out.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct CodeMazeAuthResponse {
    /// Whether `token` is there.
    pub is_auth_successful: bool,
    /// Why not.
    #[schema(required)]
    pub error_message: Option<String>,
    /// The access token.
    #[schema(required)]
    pub token: Option<String>,
    /// Whether a code is on its way that the second step takes.
    #[schema(rename = "is2StepVerificationRequired")]
    pub is_2_step_verification_required: bool,
    /// `Email`, with the second step.
    #[schema(required)]
    pub provider: Option<String>,
}

/// The first step.
#[derive(ToSchema)]
#[schema(example = json!({ "email": "user@example.com", "password": "pwd" }))]
pub struct CodeMazeLoginRequest {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// Where a message about a lockout leads, on a named origin.
    #[schema(rename = "clientURI")]
    pub client_uri: Option<String>,
}

/// Takes `email` and `password`, and optionally `clientURI`, the page that a lockout
/// message links to. Answers 200 with a `token`, or 200 with
/// `is2StepVerificationRequired` once a code is sent by e-mail, or 401 with the reason.
#[operation(
    summary = "The first step: e-mail address and password.",
    request_body = CodeMazeLoginRequest,
    responses(
        (status = 200, description = "A token, or `is2StepVerificationRequired` once a code is on its way.", body = CodeMazeAuthResponse),
        (status = 401, description = "Why not.", body = CodeMazeAuthResponse),
    ),
)]
pub async fn codemaze_login(input: Input) -> Response {
    match begun(&input).await {
        Ok(Ok(FirstStepAnswer::Granted(granted))) => token_answer(&granted),
        Ok(Ok(FirstStepAnswer::CodeSent)) => {
            private_json(StatusCode::OK, &auth_response(None, None, Some(EMAIL)))
        }
        Ok(Ok(FirstStepAnswer::App)) => {
            let body = auth_response(None, None, Some(AUTHENTICATOR));
            private_json(StatusCode::OK, &body)
        }
        Ok(Ok(FirstStepAnswer::Next(next))) => codemaze_next_step(&next),
        Ok(Err(problem)) => problem,
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn begun(input: &Input) -> Result<Result<FirstStepAnswer, Response>, Failure> {
    let fields = input.fields()?;
    let problems = missing_problems(fields, &["email", "password"]);
    if !problems.is_empty() {
        return Ok(Err(validation_problem(&problems)));
    }
    let context = codemaze_client(&input.context).await?;
    let forgotten = link_page(
        &input.context.app,
        fields.get_any_case("clientURI"),
        Page::ForgotPassword,
    );
    let forgotten = forgotten.ok_or_else(|| Broken::internal("no origin for links"))?;
    let confirmation = beside(&forgotten, Page::EmailConfirmation);
    let step = FirstStep {
        name: fields.required_any_case("email")?,
        password: fields.required_secret_any_case("password")?,
        lockout_page: forgotten.as_str(),
        confirmation_link: &|email, token| {
            with_token(&input.context.app, confirmation.clone(), token, email)
        },
    };
    take_first_step(&context, &step).await.map(Ok)
}

pub(super) fn token_answer(granted: &Granted) -> Response {
    let token = granted.tokens.access_token.expose();
    private_json(StatusCode::OK, &auth_response(None, Some(token), None))
}
