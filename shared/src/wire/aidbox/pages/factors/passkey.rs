//! `/auth/two-factor/passkey`: a signed-in user adds a passkey.

use askama::Template;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::factors::passkeys::auth0_enrol::{
    NewPasskeyResponse, add_passkey, begin_passkey,
};
use crate::usecase::factors::passkeys::ceremony::pages_take_passkeys;
use crate::usecase::sessions::form_token::{Binding, form_token};
use crate::usecase::sessions::requirement::Credential;
use crate::wire::aidbox::pages::answer;
use crate::wire::aidbox::pages::authorization::request::{AuthorizationQuery, Journey};
use crate::wire::aidbox::pages::factors::kept_codes::SETTINGS;
use crate::wire::aidbox::pages::factors::two_factor::sign_in_again_page;
use crate::wire::aidbox::pages::form::{check_origin, check_submitted_form, session_cookie};
use crate::wire::aidbox::pages::form_message::{Said, go_back};
use crate::wire::aidbox::pages::login::sign_in_code::or_sign_in;
use crate::wire::aidbox::pages::page::{
    PASSKEY_SCRIPT, PageFrame, Problem, go_to, render_with_passkey,
};
use crate::wire::input::Input;

const PASSKEY: &str = "/auth/two-factor/passkey";

#[derive(Template)]
#[template(path = "pages/passkey.html")]
struct PasskeyPage {
    frame: PageFrame,
    action: String,
    csrf: String,
    /// What the browser hands to the authenticator.
    options: Value,
    session: Secret,
    back: String,
    problem: Problem,
    script: &'static str,
}

/// `GET /auth/two-factor/passkey`: the form that adds a passkey.
#[operation(
    summary = "Shows the form that adds a passkey.",
    params(AuthorizationQuery),
    responses(
        (status = 200, description = "The form, with what the browser hands to the authenticator."),
        (status = 303, description = "To the sign-in, or to the settings where the pages take no passkey."),
    ),
    security(("session" = [])),
)]
pub async fn show_passkey_form(input: Input) -> Response {
    answer(&input, form_of(&input).await)
}

async fn form_of(input: &Input) -> Result<Response, Failure> {
    let journey = Journey::of(input).await?;
    let made = or_again(input, &journey, passkey_page(input, &journey).await);
    or_sign_in(input, &journey, made).await
}

async fn passkey_page(input: &Input, journey: &Journey) -> Result<Response, Failure> {
    if !pages_take_passkeys(&input.context.app) {
        return Ok(go_to(&journey.path(SETTINGS))?);
    }
    let value = session_cookie(input)?;
    let begun = begin_passkey(&input.context, Credential::Browser(value), None).await?;
    let said = Said::to_page(input, PASSKEY).await;
    let (after, status) = (said.after(), said.status);
    let csrf = form_token(&input.context, Binding::Session(value)).await?;
    let template = PasskeyPage {
        frame: PageFrame::of(&input.context.app, "Add a passkey"),
        action: journey.path(PASSKEY),
        csrf: csrf.expose().to_owned(),
        options: begun.options,
        session: begun.auth_session,
        back: journey.path(SETTINGS),
        problem: said.problem,
        script: PASSKEY_SCRIPT,
    };
    let (app, end) = (&input.context.app, journey.end());
    let page = render_with_passkey(app, status, &template, end.as_deref())?;
    Ok(after(page))
}

/// What the browser's authenticator gave for a new passkey.
#[derive(ToSchema)]
pub struct PasskeyForm {
    /// The form's token.
    pub csrf: String,
    /// The new `PublicKeyCredential`, as JSON.
    pub passkey: String,
    /// What the form had beside the options.
    pub auth_session: String,
}

/// `POST /auth/two-factor/passkey`: takes what the browser's authenticator gave. Answers 303
/// to the settings.
#[operation(
    summary = "Adds a passkey.",
    params(AuthorizationQuery),
    request_body = PasskeyForm,
    responses(
        (status = 303, description = "The passkey is there: to the settings. Or to the page again, with what is wrong; or to the sign-in."),
    ),
    security(("session" = [])),
)]
pub async fn submit_passkey_form(input: Input) -> Response {
    answer(&input, added(&input).await)
}

async fn added(input: &Input) -> Result<Response, Failure> {
    check_origin(&input.context.app, &input.headers)?;
    let journey = Journey::of(input).await?;
    let made = match submitted_passkey(input, &journey).await {
        Err(Failure::Refused(
            refusal @ (Refusal::CodeWrong(_)
            | Refusal::ParameterMissing(_)
            | Refusal::Enrolment(
                EnrolmentRefusal::EnrolmentMissing | EnrolmentRefusal::AlreadyEnrolled,
            )),
        )) => go_back(input, &journey.path(PASSKEY), &refusal, "").await,
        made => or_again(input, &journey, made),
    };
    or_sign_in(input, &journey, made).await
}

async fn submitted_passkey(input: &Input, journey: &Journey) -> Result<Response, Failure> {
    if !pages_take_passkeys(&input.context.app) {
        return Ok(go_to(&journey.path(SETTINGS))?);
    }
    let value = session_cookie(input)?;
    let fields = input.fields()?;
    check_submitted_form(input, fields, Binding::Session(value)).await?;
    let new = NewPasskeyResponse {
        auth_session: fields.required("auth_session")?,
        response: fields.required_secret("passkey")?,
    };
    add_passkey(&input.context, Credential::Browser(value), &new).await?;
    Ok(go_to(&journey.path(SETTINGS))?)
}

/// The page that asks for a new sign-in, for a session that is too old or too weak.
fn or_again(
    input: &Input,
    journey: &Journey,
    made: Result<Response, Failure>,
) -> Result<Response, Failure> {
    match made {
        Err(Failure::Refused(
            refusal @ Refusal::Enrolment(EnrolmentRefusal::AuthenticationInsufficient),
        )) => sign_in_again_page(input, journey, &refusal),
        made => made,
    }
}
