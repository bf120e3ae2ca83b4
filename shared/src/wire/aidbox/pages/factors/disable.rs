//! `/auth/two-factor/disable`: turns two-factor authentication off with a code.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::domain::accounts::user::Account;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::two_factor::TwoFactor;
use crate::domain::login::evidence::Evidence;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::party::Party;
use crate::failure::Failure;
use crate::usecase::factors::aidbox_two_factor::disable_two_factor;
use crate::usecase::factors::authenticator_app::look_at_account;
use crate::usecase::login::codes::send_code::send_code;
use crate::usecase::login::finished_login::LoginStep;
use crate::usecase::login::step_up::start_step_up;
use crate::usecase::sessions::form_token::{Binding, form_token};
use crate::usecase::sessions::requirement::Credential;
use crate::wire::aidbox::pages::answer;
use crate::wire::aidbox::pages::authorization::request::Journey;
use crate::wire::aidbox::pages::factors::kept_codes::SETTINGS;
use crate::wire::aidbox::pages::form::{check_origin, check_submitted_form, session_cookie};
use crate::wire::aidbox::pages::form_message::{Said, go_back_told};
use crate::wire::aidbox::pages::login::code_step::{
    CodeAsked, CodeForm, CodePage, Sent, factor_of_form, read_code_form, send_target, told_of,
};
use crate::wire::aidbox::pages::login::sign_in_code::or_sign_in_again;
use crate::wire::aidbox::pages::page::{PageFrame, Problem, go_to, render};
use crate::wire::input::Input;

const PATH: &str = "/auth/two-factor/disable";

/// Which factor a code is asked of.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DisableQuery {
    /// `totp`, `recovery`, or a factor's identifier; the first one if absent.
    #[param(nullable = false)]
    pub factor: Option<String>,
    /// Whether a code was sent just now.
    #[param(nullable = false)]
    pub sent: Option<String>,
}

/// `GET /auth/two-factor/disable`: asks for a code.
#[operation(
    summary = "Asks for a code that turns two-factor authentication off.",
    params(DisableQuery),
    responses(
        (status = 200, description = "The form."),
        (status = 303, description = "To the settings where it is off, or to the sign-in."),
    ),
    security(("session" = [])),
)]
pub async fn show_disable(input: Input) -> Response {
    let made = form_page(&input).await;
    answer(&input, or_sign_in_again(&input, made).await)
}

async fn form_page(input: &Input) -> Result<Response, Failure> {
    let value = session_cookie(input)?;
    let account = look_at_account(&input.context, Credential::Browser(value)).await?;
    if !TwoFactor::of(&account).enabled {
        return Ok(go_to(SETTINGS)?);
    }
    check_may_disable(&input.context.app)?;
    let said = Said::to_page(input, PATH).await;
    let after = said.after();
    let form = disable_form(input, value, account, (said.status, said.problem));
    Ok(after(form.await?))
}

/// The path of the page for this factor.
fn path_of(_: &Journey, factor: &str) -> String {
    format!("{PATH}?factor={factor}")
}

async fn disable_form(
    input: &Input,
    value: &str,
    mut account: Account,
    (status, problem): (StatusCode, Problem),
) -> Result<Response, Failure> {
    let query = input.query()?;
    let (factor, sent) = (query.get("factor"), Sent::of(query));
    input
        .context
        .app
        .config
        .offer
        .keep_allowed(&mut account.factors);
    let csrf = form_token(&input.context, Binding::Session(value)).await?;
    let form = CodeForm {
        frame: PageFrame::of(&input.context.app, "Disable two-factor authentication"),
        action: match sent.parameter(factor.unwrap_or_default()) {
            None => PATH.to_owned(),
            Some(sent) => Journey::nowhere().step(PATH, &[sent]),
        },
        page_for: path_of,
        journey: &Journey::nowhere(),
        csrf: csrf.expose().to_owned(),
        button: "Disable",
        remember: None,
        back: (SETTINGS.to_owned(), "Back"),
        problem,
    };
    let template = CodePage::of(form, &account, factor, sent);
    Ok(render(&input.context.app, status, &template, None)?)
}

/// A code, or what is needed to have one.
#[derive(ToSchema)]
pub struct DisableForm {
    /// The form's token.
    pub csrf: String,
    /// Six digits, or a recovery code.
    #[schema(nullable = false)]
    pub token: Option<String>,
    /// What `token` is of: `totp`, `recovery`, or a factor's identifier.
    #[schema(nullable = false)]
    pub factor: Option<String>,
    /// The factor that a code is to be sent to.
    #[schema(nullable = false)]
    pub send: Option<String>,
    /// Another factor to be asked for, as in `factor`.
    #[schema(rename = "use", nullable = false)]
    pub other: Option<String>,
}

/// `POST /auth/two-factor/disable`: takes `token`, a code, and `factor`, the factor of
/// the code. Or takes `send` or `use`, as on the sign-in page. Answers 303 to the
/// settings. The session goes on.
#[operation(
    summary = "Turns two-factor authentication off by a code.",
    request_body = DisableForm,
    responses(
        (status = 303, description = "It is off: to the settings. Or to the page again, for a code that was sent, for another factor, or with what is wrong. Or to the sign-in."),
    ),
    security(("session" = [])),
)]
pub async fn submit_disable(input: Input) -> Response {
    let made = submitted(&input).await;
    answer(&input, or_sign_in_again(&input, made).await)
}

async fn submitted(input: &Input) -> Result<Response, Failure> {
    check_origin(&input.context.app, &input.headers)?;
    let value = session_cookie(input)?;
    let fields = input.fields()?;
    check_submitted_form(input, fields, Binding::Session(value)).await?;
    check_may_disable(&input.context.app)?;
    let factor = factor_of_form(fields).unwrap_or_default();
    // A valid factor name has only these characters. Any other text is ignored.
    let known = factor
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let factor = if known { factor } else { "" };
    let path = path_of(&Journey::nowhere(), factor);
    let tried = match read_code_form(fields) {
        Ok(CodeAsked::Code(shown)) => {
            let (shows, evidence) = (Credential::Browser(value), Evidence::Of(shown));
            let done = disable_two_factor(&input.context, shows, &evidence).await;
            done.map(|()| SETTINGS.to_owned())
        }
        Ok(CodeAsked::Use) => Ok(path.clone()),
        Ok(CodeAsked::Send(factor)) => {
            let token = start_step_up(&input.context, value).await?;
            let (token, wanted) = (token.expose(), send_target(factor));
            match send_code(&input.context, Some(Party::Pages), token, &wanted).await {
                Ok(LoginStep::Done(_)) => Ok(format!("{path}&sent=true")),
                Ok(LoginStep::Next(_)) => Err(EnrolmentRefusal::FactorsMissing.into()),
                Err(failure) => Err(failure),
            }
        }
        Err(refusal) => Err(refusal.into()),
    };
    match tried {
        Ok(to) => Ok(go_to(&to)?),
        Err(Failure::Refused(Refusal::Page(PageRefusal::SignInRequired))) => {
            Err(PageRefusal::SignInRequired.into())
        }
        Err(Failure::Refused(refusal)) => {
            let told = told_of(fields, &refusal, input.context.now());
            let path = match Sent::of(input.query()?).parameter(factor) {
                None => path,
                Some(sent) => Journey::nowhere().step(PATH, &[("factor", factor), sent]),
            };
            go_back_told(input, &path, (&refusal, told), "").await
        }
        Err(broken) => Err(broken),
    }
}

/// Refuses the request before a code is consumed, if the policy does not let users turn
/// two-factor authentication off.
fn check_may_disable(app: &App) -> Result<(), EnrolmentRefusal> {
    if app.config.mfa_policy.lets_go() {
        Ok(())
    } else {
        Err(EnrolmentRefusal::FactorKept)
    }
}
