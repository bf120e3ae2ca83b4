//! `/auth/two-factor/enable`: turns two-factor authentication on with an authenticator app.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use utoipa::ToSchema;

use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::two_factor::TwoFactor;
use crate::domain::login::next_step::NextStep;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::factors::authenticator_app::{
    authenticator_key, confirm_authenticator, look_at_account,
};
use crate::usecase::factors::require_second_factor::set_two_factor;
use crate::usecase::login::browser_sign_in::sign_in_with_enrolment_code;
use crate::usecase::login::finished_login::LoginStep;
use crate::usecase::sessions::form_token::{Binding, form_token};
use crate::usecase::sessions::requirement::{Credential, SessionOrLogin};
use crate::wire::aidbox::pages::authorization::request::{AuthorizationQuery, Journey};
use crate::wire::aidbox::pages::factors::kept_codes::{SETTINGS, with_codes};
use crate::wire::aidbox::pages::factors::qr::{AppKey, draw_key as shown_key};
use crate::wire::aidbox::pages::form::{check_origin, check_submitted_form, session_cookie};
use crate::wire::aidbox::pages::form_message::{Said, go_back};
use crate::wire::aidbox::pages::login::next_page::next_page;
use crate::wire::aidbox::pages::login::sign_in_code::or_sign_in;
use crate::wire::aidbox::pages::page::{
    MessagePage, PageFrame, Problem, go_to, refused_page, render,
};
use crate::wire::aidbox::pages::page_step::PageStep;
use crate::wire::aidbox::pages::refusal::told_on_page;
use crate::wire::aidbox::pages::sessions::finish_sign_in::with_session;
use crate::wire::aidbox::pages::{answer, cookie};
use crate::wire::fields::Fields;
use crate::wire::input::Input;

pub(super) const ENABLE: &str = "/auth/two-factor/enable";

#[derive(Template)]
#[template(path = "pages/enable.html")]
struct EnablePage {
    frame: PageFrame,
    action: String,
    csrf: String,
    key: Option<AppKey>,
    back: String,
    problem: Problem,
}

/// The user who turns two-factor authentication on: signed in, or signing in with the
/// right password and a policy that requires a factor.
#[derive(Clone, Copy)]
enum Who<'a> {
    SignedIn(&'a str),
    SigningIn(&'a str),
}

impl<'a> Who<'a> {
    fn of(input: &'a Input) -> Result<Self, PageRefusal> {
        // A sign-in that leads to this page clears the cookie of an older session. So a
        // session cookie, if present, decides.
        let signing_in = || cookie::read_cookie(&input.headers, cookie::LOGIN).map(Self::SigningIn);
        match session_cookie(input) {
            Ok(value) => Ok(Self::SignedIn(value)),
            Err(refusal) => signing_in().ok_or(refusal),
        }
    }

    fn is_signed_in(self) -> bool {
        matches!(self, Self::SignedIn(_))
    }

    fn credential(self) -> SessionOrLogin<'a> {
        match self {
            Self::SignedIn(value) => SessionOrLogin::Session(Credential::Browser(value)),
            Self::SigningIn(token) => SessionOrLogin::Login(token),
        }
    }

    fn binding(self) -> Binding<'a> {
        match self {
            Self::SignedIn(value) => Binding::Session(value),
            Self::SigningIn(token) => Binding::Login(token),
        }
    }
}

/// `GET /auth/two-factor/enable`: the QR code and the key of a new authenticator app.
/// For a signed-in user, and for a user who must enrol a factor before the sign-in is
/// complete.
#[operation(
    summary = "Shows the key of a new authenticator app, as a QR code too.",
    params(AuthorizationQuery),
    responses(
        (status = 200, description = "The form for the app's first code."),
        (status = 303, description = "To the settings where it is on, or to the sign-in."),
    ),
    security(("session" = []), ("login" = [])),
)]
pub async fn show_enable(input: Input) -> Response {
    answer(&input, enabling(&input).await)
}

async fn enabling(input: &Input) -> Result<Response, Failure> {
    let journey = Journey::of(input).await?;
    let made = read_enabling(input, &journey).await;
    or_sign_in(input, &journey, made).await
}

async fn read_enabling(input: &Input, journey: &Journey) -> Result<Response, Failure> {
    let who = Who::of(input)?;
    let mut has_one = false;
    if let Who::SignedIn(value) = who {
        let account = look_at_account(&input.context, Credential::Browser(value)).await?;
        if TwoFactor::of(&account).enabled {
            return Ok(go_to(&journey.path(SETTINGS))?);
        }
        has_one = account.active_factors().next().is_some();
    }
    let said = Said::to_page(input, ENABLE).await;
    let after = said.after();
    let said = (said.status, said.problem);
    let form = enable_page(input, journey, (who, has_one), said).await;
    Ok(after(form?))
}

/// `has_one`: the user has a factor already, which only has to be turned on.
async fn enable_page(
    input: &Input,
    journey: &Journey,
    (who, has_one): (Who<'_>, bool),
    (status, problem): (StatusCode, Problem),
) -> Result<Response, Failure> {
    let key = match has_one {
        true => None,
        false => {
            let key = authenticator_key(&input.context, who.credential());
            match key.await {
                Ok(key) => Some(shown_key(&key)?),
                Err(Failure::Refused(
                    refusal @ Refusal::Enrolment(EnrolmentRefusal::AuthenticationInsufficient),
                )) => {
                    return sign_in_again_page(input, journey, &refusal);
                }
                // The user already has a factor, and this login waits for its code.
                Err(Failure::Refused(Refusal::Enrolment(EnrolmentRefusal::AlreadyEnrolled)))
                    if !who.is_signed_in() =>
                {
                    return Ok(go_to(
                        &journey.step("/auth/login", &[PageStep::Code.parameter()]),
                    )?);
                }
                Err(failure) => return Err(failure),
            }
        }
    };
    let csrf = form_token(&input.context, who.binding()).await?;
    let template = EnablePage {
        frame: PageFrame::of(&input.context.app, "Enable two-factor authentication"),
        action: journey.path(ENABLE),
        csrf: csrf.expose().to_owned(),
        key,
        back: match who {
            Who::SignedIn(_) => journey.path(SETTINGS),
            Who::SigningIn(_) => journey.path("/auth/login"),
        },
        problem,
    };
    Ok(render(
        &input.context.app,
        status,
        &template,
        journey.end().as_deref(),
    )?)
}

/// A code of a new authenticator app, or none: what was set up before.
#[derive(ToSchema)]
pub struct EnableForm {
    /// The form's token.
    pub csrf: String,
    /// Six digits.
    #[schema(nullable = false)]
    pub token: Option<String>,
    /// Turns on what was set up before.
    #[schema(nullable = false)]
    pub on: Option<String>,
    /// The recovery codes are kept, and not shown any more.
    #[schema(nullable = false)]
    pub kept: Option<String>,
}

/// `POST /auth/two-factor/enable`: takes `token`, the app's first code. Answers 303 to
/// the settings, which show the recovery codes for fifteen minutes or until a form with
/// `kept`. With `on`, turns on the factors that the user already has.
#[operation(
    summary = "Turns two-factor authentication on by the app's first code.",
    params(AuthorizationQuery),
    request_body = EnableForm,
    responses(
        (status = 303, description = "It is on: to the settings, which show the recovery codes for a while. Or to the page again, with what is wrong; or to the sign-in."),
    ),
    security(("session" = []), ("login" = [])),
)]
pub async fn enable(input: Input) -> Response {
    answer(&input, enabled(&input).await)
}

async fn enabled(input: &Input) -> Result<Response, Failure> {
    check_origin(&input.context.app, &input.headers)?;
    let journey = Journey::of(input).await?;
    let made = enable_submitted(input, &journey).await;
    or_sign_in(input, &journey, made).await
}

async fn enable_submitted(input: &Input, journey: &Journey) -> Result<Response, Failure> {
    let who = Who::of(input)?;
    let fields = input.fields()?;
    check_submitted_form(input, fields, who.binding()).await?;
    let tried = match who {
        Who::SignedIn(value) => turn_on(input, fields, (value, journey)).await,
        Who::SigningIn(token) => first_factor(input, journey, fields, token).await,
    };
    match tried {
        Err(Failure::Refused(
            refusal @ Refusal::Enrolment(EnrolmentRefusal::AuthenticationInsufficient),
        )) => sign_in_again_page(input, journey, &refusal),
        Err(Failure::Refused(
            refusal @ (Refusal::CodeWrong(_)
            | Refusal::CodesExhausted { .. }
            | Refusal::CodesClosed
            | Refusal::Enrolment(EnrolmentRefusal::EnrolmentMissing)
            | Refusal::ParameterMissing(_)),
        )) => go_back(input, &journey.path(ENABLE), &refusal, "").await,
        made => made,
    }
}

async fn turn_on(
    input: &Input,
    fields: &Fields,
    (value, journey): (&str, &Journey),
) -> Result<Response, Failure> {
    let shows = Credential::Browser(value);
    if fields.get("kept").is_some() {
        let mut response = go_to(&journey.onward())?;
        cookie::clear_cookie(&mut response, cookie::CODES);
        return Ok(response);
    }
    if fields.get("on").is_some() {
        set_two_factor(&input.context, shows, true).await?;
        return Ok(go_to(&journey.path(SETTINGS))?);
    }
    let code = fields.required_secret("token")?;
    let codes = confirm_authenticator(&input.context, shows, code).await?;
    let response = go_to(&journey.path(SETTINGS))?;
    with_codes(input, &Secret::new(value), &codes, response).await
}

/// Confirms the first factor of a user who is signing in, and completes the sign-in.
async fn first_factor(
    input: &Input,
    journey: &Journey,
    fields: &Fields,
    token: &str,
) -> Result<Response, Failure> {
    let code = fields.required_secret("token")?.clone();
    let browser = match sign_in_with_enrolment_code(&input.context, token, code).await? {
        LoginStep::Done(browser) => browser,
        LoginStep::Next(next) => {
            let response = next_page(input, journey, &next).await?;
            return match &next {
                NextStep::ChangePassword {
                    token,
                    recovery_codes,
                    ..
                } => with_codes(input, token, recovery_codes, response).await,
                NextStep::ConfirmAddress { .. } | NextStep::Enrol => Ok(response),
            };
        }
    };
    let response = go_to(&journey.path(SETTINGS))?;
    let response = with_session(input, &browser, response).await?;
    let (cookie, codes) = (&browser.cookie, &browser.recovery_codes);
    with_codes(input, cookie, codes, response).await
}

/// The page for a session that is too old or too weak to change factors.
pub(super) fn sign_in_again_page(
    input: &Input,
    journey: &Journey,
    refusal: &Refusal,
) -> Result<Response, Failure> {
    let told = told_on_page(refusal, input.context.now());
    let template = MessagePage {
        frame: PageFrame::of(&input.context.app, "Sign in again"),
        text: told.text,
        alert: true,
        form: None,
        link: Some((journey.path("/auth/login"), "Sign in")),
    };
    let response = render(&input.context.app, told.status, &template, None)?;
    Ok(refused_page(response, refusal, input.context.now()))
}
