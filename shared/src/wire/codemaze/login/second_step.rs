//! `POST /api/accounts/twostepverification`.

use axum::response::Response;
use countersign_operation::operation;
use utoipa::ToSchema;

use crate::domain::factors::codemaze_provider::CodeMazeProvider;
use crate::domain::factors::factor::Method;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::authorization::authenticate_client::codemaze_client;
use crate::usecase::login::codemaze_second_step::{SecondStep, take_second_step};
use crate::usecase::login::finished_login::{Granted, LoginStep};
use crate::wire::codemaze::login::first_step::{
    AUTHENTICATOR, CodeMazeAuthResponse, EMAIL, token_answer,
};
use crate::wire::codemaze::login::next_step::codemaze_next_step_in_text;
use crate::wire::codemaze::refusal::{missing_problems, validation_problem};
use crate::wire::failure;
use crate::wire::input::Input;

/// The second step.
#[derive(ToSchema)]
#[schema(as = CodeMazeTwoStepRequest, example = json!({ "email": "user@example.com", "provider": "Email", "token": "123456" }))]
pub struct CodeMazeSecondStep {
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
#[operation(
    summary = "The second step: the code that came by e-mail.",
    request_body = CodeMazeSecondStep,
    responses((status = 200, description = "A token.", body = CodeMazeAuthResponse)),
)]
pub async fn second_step(input: Input) -> Response {
    match take_code(&input).await {
        Ok(Ok(LoginStep::Done(granted))) => token_answer(&granted),
        Ok(Ok(LoginStep::Next(next))) => codemaze_next_step_in_text(&next),
        Ok(Err(problem)) => problem,
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn take_code(input: &Input) -> Result<Result<LoginStep<Granted>, Response>, Failure> {
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
