//! `POST /api/accounts/login` and `/api/accounts/twostepverification`.

use axum::http::StatusCode;
use axum::response::Response;
use utoipa::ToSchema;

use crate::domain::factors::factor::Method;
use crate::domain::refusal::Refusal;
use crate::failure::{Broken, Failure};
use crate::usecase::authorization::authenticate_client::codemaze_client;
use crate::usecase::login::codemaze_second_step::{
    CodeMazeProvider, FirstStep, FirstStepAnswer, SecondStep, take_first_step, take_second_step,
};
use crate::usecase::login::finished_login::{Granted, LoginStep};
use crate::wire::codemaze::next_step::{codemaze_next_step, codemaze_next_step_in_text};
use crate::wire::codemaze::pages::{Page, beside, link_page, with_token};
use crate::wire::codemaze::refusal::{auth_response, missing_problems, validation_problem};
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

/// The providers of the second step, by the names of ASP.NET Core Identity. The app
/// sends back the provider that the first step named.
const EMAIL: &str = "Email";
const AUTHENTICATOR: &str = "Authenticator";

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
#[utoipa::path(
    post, path = "/api/accounts/login",
    summary = "The first step: e-mail address and password.",
    request_body = CodeMazeLoginRequest,
    responses(
        (status = 200, description = "A token, or `is2StepVerificationRequired` once a code is on its way.", body = CodeMazeAuthResponse),
        (status = 401, description = "Why not.", body = CodeMazeAuthResponse),
    ),
)]
pub async fn codemaze_login(input: Input) -> Response {
    match begun(&input).await {
        Ok(Ok(FirstStepAnswer::Granted(granted))) => token(&granted),
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

/// The second step.
#[derive(ToSchema)]
#[schema(example = json!({ "email": "user@example.com", "provider": "Email", "token": "123456" }))]
pub struct CodeMazeTwoStepRequest {
    /// The e-mail address.
    pub email: String,
    /// `Email`.
    pub provider: String,
    /// The code that came by e-mail.
    pub token: String,
}

/// Takes `email`, `provider` and `token`, which is the code from the e-mail or from the
/// authenticator app. Answers 200 with a `token`, or 400 in plain text. A code
/// completes only a pending login of that user, that is, a login whose password was
/// right.
#[utoipa::path(
    post, path = "/api/accounts/twostepverification",
    summary = "The second step: the code that came by e-mail.",
    request_body = CodeMazeTwoStepRequest,
    responses((status = 200, description = "A token.", body = CodeMazeAuthResponse)),
)]
pub async fn two_step_verification(input: Input) -> Response {
    match completed(&input).await {
        Ok(Ok(LoginStep::Done(granted))) => token(&granted),
        Ok(Ok(LoginStep::Next(next))) => codemaze_next_step_in_text(&next),
        Ok(Err(problem)) => problem,
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn completed(input: &Input) -> Result<Result<LoginStep<Granted>, Response>, Failure> {
    let fields = input.fields()?;
    let problems = missing_problems(fields, &["email", "provider", "token"]);
    if !problems.is_empty() {
        return Ok(Err(validation_problem(&problems)));
    }
    let name = fields.required_any_case("email")?;
    let code = fields.required_secret_any_case("token")?;
    let provider = fields.required_any_case("provider")?;
    let provider = if provider.eq_ignore_ascii_case(EMAIL) {
        CodeMazeProvider::Email
    } else if provider.eq_ignore_ascii_case(AUTHENTICATOR) {
        CodeMazeProvider::App
    } else {
        return Err(Refusal::CodeWrong(Method::Email).into());
    };
    let context = codemaze_client(&input.context).await?;
    let step = SecondStep {
        name,
        provider,
        code: code.clone(),
    };
    take_second_step(&context, step).await.map(Ok)
}

fn token(granted: &Granted) -> Response {
    let token = granted.tokens.access_token.expose();
    private_json(StatusCode::OK, &auth_response(None, Some(token), None))
}
