//! The later steps of `/auth/login`: entering a code, and changing a password that must
//! be changed.

use axum::http::StatusCode;
use axum::response::Response;

use crate::app::App;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::id::FactorId;
use crate::domain::login::evidence::SubmittedCode;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::party::Party;
use crate::domain::sessions::wanted_authentication::WishedLevel;
use crate::failure::Failure;
use crate::usecase::factors::list_authenticators::list_authenticators;
use crate::usecase::login::browser_sign_in::{
    CodeOnPage, sign_in_with_code, sign_in_with_new_password,
};
use crate::usecase::login::codes::send_code::{CodeChallenge, send_code};
use crate::usecase::login::devices::remember::RememberDevice;
use crate::usecase::login::finished_login::{LoginStep, SignedInBrowser};
use crate::usecase::login::required_password_change::user_who_changes;
use crate::usecase::sessions::form_token::{Binding, form_token};
use crate::wire::aidbox::pages::accounts::new_password_page::NewPasswordPage;
use crate::wire::aidbox::pages::authorization::request::Journey;
use crate::wire::aidbox::pages::cookie;
use crate::wire::aidbox::pages::factors::kept_codes::{SETTINGS, kept_codes, with_codes};
use crate::wire::aidbox::pages::form::{check_submitted_form, session_cookie};
use crate::wire::aidbox::pages::form_message::{go_back, go_back_told};
use crate::wire::aidbox::pages::login::code_step::{
    CodeAsked, CodeForm, CodePage, RememberBox, Sent, factor_of_form, read_code_form, send_target,
    told_of,
};
use crate::wire::aidbox::pages::login::next_page::{SIGN_IN, next_page, signed_in};
use crate::wire::aidbox::pages::page::{PageFrame, Problem, go_to, render};
use crate::wire::aidbox::pages::page_step::PageStep;
use crate::wire::aidbox::pages::refusal::password_rule;
use crate::wire::aidbox::pages::sessions::finish_sign_in::with_session;
use crate::wire::fields::Fields;
use crate::wire::input::Input;

/// The box that has the browser remembered, and its value if it is ticked.
const REMEMBER: &str = "remember_browser";
pub(crate) const TICKED: &str = "true";

/// The path of the code step for this factor. An empty name means the first factor.
fn path_of(journey: &Journey, factor: &str) -> String {
    path_with(journey, factor, None)
}

/// The path of the code step, with the parameter that tells whether a code was sent.
fn path_with(journey: &Journey, factor: &str, sent: Option<(&str, &str)>) -> String {
    let mut more = vec![PageStep::Code.parameter(), ("factor", factor)];
    more.extend(sent);
    journey.step(SIGN_IN, &more)
}

/// Redirects a browser without a pending login: onward if the browser has signed in
/// meanwhile, or else to the first step.
fn elsewhere(input: &Input, journey: &Journey) -> Result<Response, Failure> {
    if session_cookie(input).is_err() {
        return Ok(go_to(&journey.path(SIGN_IN))?);
    }
    let mut response = go_to(&journey.onward())?;
    if cookie::read_to_say(&input.headers).is_some() {
        cookie::clear_cookie(&mut response, cookie::SAID);
    }
    Ok(response)
}

/// Redirects to the first step of this journey if nobody is signed in or the login has
/// ended. The first step says why a login has ended.
pub(crate) async fn or_sign_in(
    input: &Input,
    journey: &Journey,
    made: Result<Response, Failure>,
) -> Result<Response, Failure> {
    match made {
        Err(Failure::Refused(Refusal::Page(PageRefusal::SignInRequired))) => {
            Ok(go_to(&journey.path(SIGN_IN))?)
        }
        Err(Failure::Refused(over @ (Refusal::LoginExpired | Refusal::LoginTokenMalformed))) => {
            begin_again(input, journey, &over).await
        }
        made => made,
    }
}

/// Redirects as `or_sign_in` does, from a page that needs its journey for nothing else.
pub(crate) async fn or_sign_in_again(
    input: &Input,
    made: Result<Response, Failure>,
) -> Result<Response, Failure> {
    match &made {
        Err(Failure::Refused(
            Refusal::Page(PageRefusal::SignInRequired)
            | Refusal::LoginExpired
            | Refusal::LoginTokenMalformed,
        )) => {
            let journey = Journey::of(input).await?;
            or_sign_in(input, &journey, made).await
        }
        _ => made,
    }
}

/// Redirects to the first step, which says why the login has ended.
async fn begin_again(
    input: &Input,
    journey: &Journey,
    refusal: &Refusal,
) -> Result<Response, Failure> {
    let mut response = go_back(input, &journey.path(SIGN_IN), refusal, "").await?;
    cookie::clear_cookie(&mut response, cookie::LOGIN);
    Ok(response)
}

/// The form for a code. `ticked`: the last form asked that the browser is remembered. Redirects
/// to the first step if the login has ended.
pub(crate) async fn code_page(
    input: &Input,
    journey: &Journey,
    (status, problem): (StatusCode, Problem),
    ticked: bool,
) -> Result<Response, Failure> {
    let query = input.query()?;
    let Some(token) = cookie::read_cookie(&input.headers, cookie::LOGIN) else {
        return elsewhere(input, journey);
    };
    let mut account = match list_authenticators(&input.context, token).await {
        Ok(account) => account,
        Err(Failure::Refused(refusal)) => return begin_again(input, journey, &refusal).await,
        Err(broken) => return Err(broken),
    };
    if WishedLevel::parse(query.get("acr_values")).factor {
        account.keep_strong_factors();
    }
    let csrf = form_token(&input.context, Binding::Login(token)).await?;
    let (factor, sent) = (query.get("factor"), Sent::of(query));
    let form = CodeForm {
        frame: PageFrame::of(&input.context.app, "Enter your code"),
        action: match sent.parameter(factor.unwrap_or_default()) {
            None => journey.path(SIGN_IN),
            Some(sent) => journey.step(SIGN_IN, &[sent]),
        },
        page_for: path_of,
        journey,
        csrf: csrf.expose().to_owned(),
        button: "Sign in",
        remember: remember_box(&input.context.app, ticked),
        back: (journey.path(SIGN_IN), "Start again"),
        problem,
    };
    let template = CodePage::of(form, &account, factor, sent);
    Ok(render(
        &input.context.app,
        status,
        &template,
        journey.end().as_deref(),
    )?)
}

/// The box that has the browser remembered, where browsers are remembered.
fn remember_box(app: &App, ticked: bool) -> Option<RememberBox> {
    let days = app.config.trusted_device_seconds? / 86_400;
    Some(RememberBox { days, ticked })
}

/// Handles a form of the code step: a code, or a factor that a code is to be sent to.
pub(crate) async fn code_step(
    input: &Input,
    journey: &Journey,
    fields: &Fields,
) -> Result<Response, Failure> {
    let token =
        cookie::read_cookie(&input.headers, cookie::LOGIN).ok_or(PageRefusal::FormRejected)?;
    check_submitted_form(input, fields, Binding::Login(token)).await?;
    let factor = factor_of_form(fields).unwrap_or_default();
    let tried = match read_code_form(fields) {
        Ok(CodeAsked::Code(shown)) => match by_code(input, fields, token, shown).await {
            Ok(LoginStep::Done(browser)) => return signed_in(input, &browser, journey).await,
            Ok(LoginStep::Next(next)) => return next_page(input, journey, &next).await,
            Err(failure) => Err(failure),
        },
        Ok(CodeAsked::Use) => return Ok(go_to(&path_of(journey, factor))?),
        Ok(CodeAsked::Send(factor)) => match send(input, token, factor).await {
            Ok(LoginStep::Done(_)) => Ok(()),
            // The user has no factor and no address that a code can go to.
            Ok(LoginStep::Next(next)) => return next_page(input, journey, &next).await,
            Err(failure) => Err(failure),
        },
        Err(refusal) => Err(refusal.into()),
    };
    match tried {
        Ok(()) => {
            let path = path_with(journey, factor, Some(("sent", "true")));
            Ok(go_to(&path)?)
        }
        Err(Failure::Refused(over @ Refusal::Page(PageRefusal::SignInRequired))) => {
            begin_again(input, journey, &over).await
        }
        Err(Failure::Refused(refusal)) => {
            let told = told_of(fields, &refusal, input.context.now());
            let sent = Sent::of(input.query()?).parameter(factor);
            let path = path_with(journey, factor, sent);
            // The page ticks the box again.
            let ticked = fields.get(REMEMBER).unwrap_or_default();
            go_back_told(input, &path, (&refusal, told), ticked).await
        }
        Err(broken) => Err(broken),
    }
}

/// Shows the code, and asks that the browser is remembered if the form does.
async fn by_code(
    input: &Input,
    fields: &Fields,
    token: &str,
    shown: SubmittedCode,
) -> Result<LoginStep<SignedInBrowser>, Failure> {
    let former = cookie::read_cookie(&input.headers, cookie::TRUSTED);
    let remember = match fields.get(REMEMBER) {
        Some(TICKED) => Some(RememberDevice::asked_by_browser(&input.context, former).await?),
        Some(_) | None => None,
    };
    let typed = CodeOnPage {
        token,
        shown,
        remember,
        session: session_cookie(input).ok(),
    };
    sign_in_with_code(&input.context, typed).await
}

async fn send(
    input: &Input,
    token: &str,
    factor: FactorId,
) -> Result<LoginStep<CodeChallenge>, Failure> {
    send_code(
        &input.context,
        Some(Party::Pages),
        token,
        &send_target(factor),
    )
    .await
}

/// The form for a new password, if the password must be changed.
pub(crate) async fn new_password_page(
    input: &Input,
    journey: &Journey,
    (status, problem): (StatusCode, Problem),
) -> Result<Response, Failure> {
    let Some(token) = cookie::read_cookie(&input.headers, cookie::LOGIN) else {
        return elsewhere(input, journey);
    };
    let user = match user_who_changes(&input.context, token).await {
        Ok(user) => user,
        Err(Failure::Refused(refusal)) => return begin_again(input, journey, &refusal).await,
        Err(broken) => return Err(broken),
    };
    let csrf = form_token(&input.context, Binding::Login(token)).await?;
    let template = NewPasswordPage {
        frame: PageFrame::of(&input.context.app, "Choose a new password"),
        action: journey.path(SIGN_IN),
        csrf: csrf.expose().to_owned(),
        hidden: Vec::new(),
        name: user.user_name,
        rule: password_rule(&input.context.app),
        problem,
    };
    Ok(render(
        &input.context.app,
        status,
        &template,
        journey.end().as_deref(),
    )?)
}

/// Handles the form with a new password.
pub(crate) async fn new_password_step(
    input: &Input,
    journey: &Journey,
    fields: &Fields,
) -> Result<Response, Failure> {
    let token =
        cookie::read_cookie(&input.headers, cookie::LOGIN).ok_or(PageRefusal::FormRejected)?;
    check_submitted_form(input, fields, Binding::Login(token)).await?;
    let password = fields.required_secret("new_password")?;
    match sign_in_with_new_password(&input.context, token, password).await {
        Ok(browser) => {
            let codes = kept_codes(input, token).await?;
            if codes.is_empty() {
                return signed_in(input, &browser, journey).await;
            }
            // The login has enrolled the first factor. Its recovery codes are shown now.
            let response = go_to(&journey.path(SETTINGS))?;
            let response = with_session(input, &browser, response).await?;
            with_codes(input, &browser.cookie, &codes, response).await
        }
        Err(Failure::Refused(refusal)) => {
            let path = journey.step(SIGN_IN, &[PageStep::Password.parameter()]);
            go_back(input, &path, &refusal, "").await
        }
        Err(broken) => Err(broken),
    }
}
