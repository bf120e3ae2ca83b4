//! `/auth/login` in its three steps: password, code, a password that has to be
//! changed.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::code_step::{Around, Asked, CodePage, named, read, wanted};
use super::document::{AuthorizationQuery, SignInForm};
use super::form::{BeforeSignIn, check, check_before, check_origin, session};
use super::page::{Button, Frame, Message, Problem, go_to, page, refused};
use super::refusal::told;
use super::request::Journey;
use super::{answer, cookie};
use crate::app::App;
use crate::domain::client::Client;
use crate::domain::id::{FactorId, UserId};
use crate::domain::refusal::Refusal;
use crate::domain::user::Account;
use crate::failure::Failure;
use crate::usecase::browser::sign_out;
use crate::usecase::form_token::{Binding, form_token};
use crate::usecase::list_authenticators::list_authenticators;
use crate::usecase::send_code::send_code;
use crate::usecase::sign_in::{
    SignIn, SignedInBrowser, sign_in, sign_in_with_code, sign_in_with_new_password,
};
use crate::wire::fields::Fields;
use crate::wire::input::Input;

pub(super) const PATH: &str = "/auth/login";

#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignInPage {
    frame: Frame,
    action: String,
    csrf: String,
    name: String,
    forgot: String,
    sign_up: String,
    problem: Problem,
}

#[derive(Template)]
#[template(path = "pages/new_password.html")]
pub(super) struct NewPasswordPage {
    pub frame: Frame,
    pub action: String,
    pub csrf: String,
    pub hidden: Vec<(&'static str, String)>,
    pub problem: Problem,
}

/// `GET /auth/login`: the form for name and password. An authorization request
/// may stand in the query; it goes on there after the sign-in.
#[utoipa::path(
    get, path = "/auth/login",
    summary = "Shows the sign-in.",
    params(AuthorizationQuery),
    responses((status = 200, description = "The form.")),
)]
pub async fn show(State(app): State<App>, input: Input) -> Response {
    answer(&input, shown(&app, &input).await)
}

async fn shown(app: &App, input: &Input) -> Result<Response, Failure> {
    let journey = Journey::of(app, input).await?;
    let (ok, problem) = (StatusCode::OK, Problem::default());
    let hint = input.query()?.get("login_hint").unwrap_or_default();
    password_form(app, input, &journey, ok, hint, problem).await
}

async fn password_form(
    app: &App,
    input: &Input,
    journey: &Journey,
    status: StatusCode,
    name: &str,
    problem: Problem,
) -> Result<Response, Failure> {
    let form = BeforeSignIn::of(app, input).await?;
    let theme = &app.config.auth_config.theme;
    let own = || journey.path("/auth/forgot");
    let template = SignInPage {
        frame: Frame::of(app, theme.title.as_deref().unwrap_or("Sign in")),
        action: journey.path(PATH),
        csrf: form.csrf.expose().to_owned(),
        name: name.to_owned(),
        forgot: theme
            .forgot_password_url
            .as_ref()
            .map_or_else(own, ToString::to_string),
        sign_up: journey.path("/auth/signup"),
        problem,
    };
    let response = page(app, status, &template, journey.end().as_deref())?;
    Ok(form.with_cookie(response))
}

/// `POST /auth/login`: `username` and `password`; or `token`, the code, with
/// `factor`, what it is of; or `send`, a factor that a code is to be sent to,
/// or `use`, another one; or `new_password`. 303 onward with a new session.
#[utoipa::path(
    post, path = "/auth/login",
    summary = "Signs in: the password, then a code where one is needed.",
    params(AuthorizationQuery),
    request_body = SignInForm,
    responses(
        (status = 200, description = "The form of the next step."),
        (status = 303, description = "Onward: to the app's authorization, the settings, or a first factor."),
    ),
    security((), ("login" = [])),
)]
pub async fn submit(State(app): State<App>, input: Input) -> Response {
    answer(&input, submitted(&app, &input).await)
}

async fn submitted(app: &App, input: &Input) -> Result<Response, Failure> {
    check_origin(app, &input.headers)?;
    let journey = Journey::of(app, input).await?;
    let fields = input.fields()?;
    let has = |names: &[&str]| names.iter().any(|name| fields.get(name).is_some());
    if has(&["new_password"]) {
        new_password_step(app, input, &journey, fields).await
    } else if has(&["token", "send", "use", "factor"]) {
        code_step(app, input, &journey, fields).await
    } else {
        password_step(app, input, &journey, fields).await
    }
}

async fn password_step(
    app: &App,
    input: &Input,
    journey: &Journey,
    fields: &Fields,
) -> Result<Response, Failure> {
    check_before(app, input, fields).await?;
    let name = fields.get("username").unwrap_or_default();
    let tried = async {
        let name = fields.required("username")?;
        let password = fields.required_secret("password")?;
        sign_in(app, &input.caller, name, password).await
    };
    match tried.await {
        Ok(SignIn::Done(browser)) => signed_in(app, input, &browser, journey).await,
        Ok(SignIn::SecondFactor(needed)) => {
            let token = needed.token.expose();
            let mut response = if needed.methods().is_empty() {
                let mut response = go_to(&journey.path("/auth/two-factor/enable"))?;
                cookie::clear(&mut response, cookie::SESSION);
                response
            } else {
                let (ok, problem) = (StatusCode::OK, Problem::default());
                let state = Entered::default();
                code_form(
                    app,
                    input,
                    journey,
                    token,
                    &needed.account,
                    state,
                    (ok, problem),
                )
                .await?
            };
            cookie::set_for_a_login(&mut response, token);
            Ok(response)
        }
        Err(Failure::Refused(Refusal::PasswordChangeRequired { token, .. })) => {
            let (ok, problem) = (StatusCode::OK, Problem::default());
            let token = token.expose();
            let mut response = new_password_form(app, input, journey, token, ok, problem).await?;
            cookie::set_for_a_login(&mut response, token);
            Ok(response)
        }
        Err(Failure::Refused(refusal @ Refusal::UserUnconfirmed { user, .. })) => {
            unconfirmed(app, input, journey, user, &refusal).await
        }
        Err(Failure::Refused(refusal)) => {
            let told = told(&refusal, input.caller.now);
            let (status, problem) = (told.status, Problem::told(told));
            let form = password_form(app, input, journey, status, name, problem).await?;
            Ok(refused(form, &refusal, input.caller.now))
        }
        Err(broken) => Err(broken),
    }
}

/// What a form of the code step was about.
#[derive(Default)]
struct Entered<'a> {
    factor: Option<&'a str>,
    sent: bool,
}

async fn code_form(
    app: &App,
    input: &Input,
    journey: &Journey,
    token: &str,
    account: &Account,
    entered: Entered<'_>,
    (status, problem): (StatusCode, Problem),
) -> Result<Response, Failure> {
    let csrf = form_token(app, &input.caller, Binding::Login(token)).await?;
    let around = Around {
        frame: Frame::of(app, "Enter your code"),
        action: journey.path(PATH),
        csrf: csrf.expose().to_owned(),
        button: "Sign in",
        back: (journey.path(PATH), "Start again"),
    };
    let template = CodePage::of(around, account, entered.factor, entered.sent, problem);
    Ok(page(app, status, &template, journey.end().as_deref())?)
}

async fn code_step(
    app: &App,
    input: &Input,
    journey: &Journey,
    fields: &Fields,
) -> Result<Response, Failure> {
    let token = cookie::read(&input.headers, cookie::LOGIN).ok_or(Refusal::FormRejected)?;
    check(app, input, fields, Binding::Login(token)).await?;
    let mut entered = Entered {
        factor: named(fields),
        sent: false,
    };
    let tried = match read(fields) {
        Ok(Asked::Code(shown)) => match sign_in_with_code(app, &input.caller, token, shown).await {
            Ok(browser) => return signed_in(app, input, &browser, journey).await,
            Err(failure) => Err(failure),
        },
        Ok(Asked::Use) => Ok(()),
        Ok(Asked::Send(factor)) => {
            let sent = send(app, input, token, factor).await;
            entered.sent = sent.is_ok();
            sent
        }
        Err(refusal) => Err(refusal.into()),
    };
    match tried {
        Ok(()) => {
            let account = list_authenticators(app, &input.caller, token).await?;
            let said = (StatusCode::OK, Problem::default());
            code_form(app, input, journey, token, &account, entered, said).await
        }
        Err(Failure::Refused(Refusal::PasswordChangeRequired { token, .. })) => {
            let (ok, problem) = (StatusCode::OK, Problem::default());
            let token = token.expose();
            let mut response = new_password_form(app, input, journey, token, ok, problem).await?;
            cookie::set_for_a_login(&mut response, token);
            Ok(response)
        }
        Err(Failure::Refused(refusal)) => {
            again(app, input, journey, token, entered, &refusal).await
        }
        Err(broken) => Err(broken),
    }
}

async fn send(app: &App, input: &Input, token: &str, factor: FactorId) -> Result<(), Failure> {
    let client = Client::pages();
    send_code(app, &input.caller, Some(&client), token, &wanted(factor)).await?;
    Ok(())
}

/// The same step with what is wrong, or the first one if the login is over.
async fn again(
    app: &App,
    input: &Input,
    journey: &Journey,
    token: &str,
    entered: Entered<'_>,
    refusal: &Refusal,
) -> Result<Response, Failure> {
    let now = input.caller.now;
    let told = told(refusal, now);
    let (status, problem) = (told.status, Problem::told(told));
    let response = match list_authenticators(app, &input.caller, token).await {
        Ok(account) => {
            let said = (status, problem);
            code_form(app, input, journey, token, &account, entered, said).await?
        }
        Err(Failure::Refused(_)) => {
            let form = password_form(app, input, journey, status, "", problem);
            let mut response = form.await?;
            cookie::clear(&mut response, cookie::LOGIN);
            response
        }
        Err(broken) => return Err(broken),
    };
    Ok(refused(response, refusal, now))
}

async fn new_password_form(
    app: &App,
    input: &Input,
    journey: &Journey,
    token: &str,
    status: StatusCode,
    problem: Problem,
) -> Result<Response, Failure> {
    let csrf = form_token(app, &input.caller, Binding::Login(token)).await?;
    let template = NewPasswordPage {
        frame: Frame::of(app, "Choose a new password"),
        action: journey.path(PATH),
        csrf: csrf.expose().to_owned(),
        hidden: Vec::new(),
        problem,
    };
    Ok(page(app, status, &template, journey.end().as_deref())?)
}

async fn new_password_step(
    app: &App,
    input: &Input,
    journey: &Journey,
    fields: &Fields,
) -> Result<Response, Failure> {
    let token = cookie::read(&input.headers, cookie::LOGIN).ok_or(Refusal::FormRejected)?;
    check(app, input, fields, Binding::Login(token)).await?;
    let password = fields.required_secret("new_password")?;
    match sign_in_with_new_password(app, &input.caller, token, password).await {
        Ok(browser) => signed_in(app, input, &browser, journey).await,
        Err(Failure::Refused(refusal @ Refusal::PasswordRejected(_))) => {
            let told = told(&refusal, input.caller.now);
            let (status, problem) = (told.status, Problem::told(told));
            let form = new_password_form(app, input, journey, token, status, problem).await?;
            Ok(refused(form, &refusal, input.caller.now))
        }
        Err(failure) => Err(failure),
    }
}

/// The page for a right password of somebody who has to confirm an address:
/// another link can be sent for ten minutes.
async fn unconfirmed(
    app: &App,
    input: &Input,
    journey: &Journey,
    user: UserId,
    refusal: &Refusal,
) -> Result<Response, Failure> {
    let told = told(refusal, input.caller.now);
    let form = BeforeSignIn::of(app, input).await?;
    let template = Message {
        frame: Frame::of(app, "Confirm your address"),
        text: format!("{} We have sent you a link for that.", told.text),
        alert: true,
        form: Some(Button {
            action: "/auth/confirm".to_owned(),
            csrf: form.csrf.expose().to_owned(),
            hidden: vec![("user", user.to_string()), ("send", "true".to_owned())],
            button: "Send another link",
        }),
        link: Some((journey.path(PATH), "Sign in")),
    };
    let response = form.with_cookie(page(app, told.status, &template, None)?);
    Ok(refused(response, refusal, input.caller.now))
}

/// Onward, with a session that is always a new one. The one that the browser had
/// before ends.
async fn signed_in(
    app: &App,
    input: &Input,
    browser: &SignedInBrowser,
    journey: &Journey,
) -> Result<Response, Failure> {
    if let Ok(before) = session(input) {
        sign_out(app, &input.caller, before).await?;
    }
    let mut response = go_to(&journey.onward())?;
    cookie::set(&mut response, cookie::SESSION, browser.cookie.expose());
    cookie::clear(&mut response, cookie::LOGIN);
    cookie::clear(&mut response, cookie::BEFORE);
    Ok(response)
}
