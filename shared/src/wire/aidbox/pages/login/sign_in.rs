//! `/auth/login` with its three steps: the password or a passkey, a code, and a new password
//! if the old one must be changed.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use utoipa::{IntoParams, ToSchema};

use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::factors::factor::Method;
use crate::domain::id::UserId;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::wanted_authentication::WishedLevel;
use crate::failure::Failure;
use crate::usecase::accounts::register::sign_up_is_open;
use crate::usecase::factors::passkeys::ceremony::pages_take_passkeys;
use crate::usecase::login::browser_sign_in::{
    SignIn, TypedPassword, sign_in, sign_in_with_passkey,
};
use crate::usecase::login::passkeys::challenge::{PasskeyChallenge, page_challenge};
use crate::usecase::login::password_step::SecondFactor;
use crate::wire::aidbox::pages::authorization::request::Journey;
use crate::wire::aidbox::pages::form::{VisitorForm, check_origin, check_visitor_form};
use crate::wire::aidbox::pages::form_message::{Said, go_back};
use crate::wire::aidbox::pages::login::next_page::{SIGN_IN, next_page, signed_in};
use crate::wire::aidbox::pages::login::sign_in_code::{
    TICKED, code_page, code_step, new_password_page, new_password_step,
};
use crate::wire::aidbox::pages::page::{
    Button, MessagePage, PASSKEY_SCRIPT, PageFrame, Problem, go_to, render, render_with_passkey,
};
use crate::wire::aidbox::pages::page_step::PageStep;
use crate::wire::aidbox::pages::sessions::finish_sign_in::to_first_factor;
use crate::wire::aidbox::pages::{answer, cookie};
use crate::wire::fields::Fields;
use crate::wire::input::Input;

#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignInPage {
    frame: PageFrame,
    action: String,
    csrf: String,
    name: String,
    forgot: String,
    sign_up: String,
    problem: Problem,
    /// What a passkey signs, where the pages take passkeys.
    passkey: Option<PasskeyChallenge>,
    script: &'static str,
}

/// Which step of the sign-in; and the authorization request that it is on the
/// way to, as on the other pages.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SignInQuery {
    /// `code`, `password`, `unconfirmed`; the first one if absent.
    #[param(nullable = false)]
    pub step: Option<String>,
    /// What the code is of: `totp`, `recovery`, or a factor's identifier.
    #[param(nullable = false)]
    pub factor: Option<String>,
    /// Whether a code was sent just now.
    #[param(nullable = false)]
    pub sent: Option<String>,
    /// Who has to confirm an address.
    #[param(nullable = false)]
    pub user: Option<String>,
    /// The client.
    #[param(nullable = false, example = "web")]
    pub client_id: Option<String>,
    /// `code`, `token` or `id_token`.
    #[param(nullable = false)]
    pub response_type: Option<String>,
}

/// `GET /auth/login`: the form for name and password. With `step`, the form of a later
/// step. The query may have an authorization request, which continues after the
/// sign-in.
#[operation(
    summary = "Shows a step of the sign-in.",
    params(SignInQuery),
    responses(
        (status = 200, description = "The form of the step."),
        (status = 303, description = "To the first step, where the sign-in is over."),
    ),
    security((), ("login" = [])),
)]
pub async fn show_sign_in(input: Input) -> Response {
    answer(&input, form_page(&input).await)
}

async fn form_page(input: &Input) -> Result<Response, Failure> {
    let journey = Journey::of(input).await?;
    let query = input.query()?;
    let said = Said::to_page(input, SIGN_IN).await;
    let (after, typed) = (said.after(), said.typed);
    let said = (said.status, said.problem);
    let page = match PageStep::of_query(query) {
        Some(PageStep::Code) => code_page(input, &journey, said, typed == TICKED).await,
        Some(PageStep::Password) => new_password_page(input, &journey, said).await,
        Some(PageStep::Unconfirmed) => unconfirmed_page(input, &journey, query).await,
        Some(PageStep::Sent | PageStep::Done) | None => {
            let hint = query.get("login_hint").unwrap_or_default();
            let name = if typed.is_empty() { hint } else { &typed };
            password_form(input, &journey, name, said).await
        }
    };
    Ok(after(page?))
}

async fn password_form(
    input: &Input,
    journey: &Journey,
    name: &str,
    (status, problem): (StatusCode, Problem),
) -> Result<Response, Failure> {
    let form = VisitorForm::of(input).await?;
    let theme = &input.context.app.config.auth_config.theme;
    let own = || journey.path("/auth/forgot");
    let template = SignInPage {
        frame: PageFrame::of(
            &input.context.app,
            theme.title.as_deref().unwrap_or("Sign in"),
        ),
        action: journey.path(SIGN_IN),
        csrf: form.csrf.expose().to_owned(),
        name: name.to_owned(),
        forgot: theme
            .forgot_password_url
            .as_ref()
            .map_or_else(own, ToString::to_string),
        sign_up: match sign_up_is_open(&input.context) {
            true => journey.path("/auth/signup"),
            false => String::new(),
        },
        problem,
        passkey: page_challenge(&input.context).await?,
        script: PASSKEY_SCRIPT,
    };
    let (app, end) = (&input.context.app, journey.end());
    let response = match template.passkey {
        Some(_) => render_with_passkey(app, status, &template, end.as_deref())?,
        None => render(app, status, &template, end.as_deref())?,
    };
    Ok(form.with_cookie(response))
}

/// A step of the sign-in: name and password; a code; or a new password.
#[derive(ToSchema)]
pub struct SignInForm {
    /// The form's token.
    pub csrf: String,
    /// The user name or e-mail address.
    #[schema(nullable = false)]
    pub username: Option<String>,
    /// The password.
    #[schema(nullable = false)]
    pub password: Option<String>,
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
    /// With `token`: `true` if the browser is to be remembered.
    #[schema(nullable = false)]
    pub remember_browser: Option<String>,
    /// A new password, where it has to be changed.
    #[schema(nullable = false)]
    pub new_password: Option<String>,
    /// What a passkey has signed, as JSON.
    #[schema(nullable = false)]
    pub passkey: Option<String>,
    /// With `passkey`: what came with the challenge.
    #[schema(nullable = false)]
    pub auth_session: Option<String>,
}

/// `POST /auth/login`: takes `username` and `password`; or `token`, a code, and
/// `factor`, the factor of the code; or `send`, the factor to send a code to; or `use`,
/// another factor; or `new_password`; or `passkey` and `auth_session`. Answers 303. A complete sign-in sets the cookie
/// of a new session.
#[operation(
    summary = "Signs in: the password, then a code where one is needed.",
    params(SignInQuery),
    request_body = SignInForm,
    responses(
        (status = 303, description = "Onward: to the page of the next step or the one that says what is wrong; to the app's authorization, the settings, or a first factor."),
    ),
    security((), ("login" = [])),
)]
pub async fn submit_sign_in(input: Input) -> Response {
    answer(&input, submitted(&input).await)
}

async fn submitted(input: &Input) -> Result<Response, Failure> {
    check_origin(&input.context.app, &input.headers)?;
    let journey = Journey::of(input).await?;
    let fields = input.fields()?;
    let has = |names: &[&str]| names.iter().any(|name| fields.get(name).is_some());
    if has(&["new_password"]) {
        new_password_step(input, &journey, fields).await
    } else if has(&["token", "send", "use", "factor"]) {
        code_step(input, &journey, fields).await
    } else if has(&["passkey"]) {
        passkey_step(input, &journey, fields).await
    } else {
        password_step(input, &journey, fields).await
    }
}

async fn password_step(
    input: &Input,
    journey: &Journey,
    fields: &Fields,
) -> Result<Response, Failure> {
    check_visitor_form(input, fields).await?;
    let name = fields.get("username").unwrap_or_default();
    let tried = async {
        let name = fields.required("username")?;
        let password = fields.required_secret("password")?;
        let wished = WishedLevel::parse(input.query()?.get("acr_values"));
        let typed = TypedPassword {
            name,
            password,
            wants_factor: wished.factor,
            browser: match journey.wants_new_sign_in() {
                true => None,
                false => cookie::read_cookie(&input.headers, cookie::TRUSTED),
            },
        };
        sign_in(&input.context, &typed).await
    };
    after_first_factor(input, journey, name, tried.await).await
}

async fn passkey_step(
    input: &Input,
    journey: &Journey,
    fields: &Fields,
) -> Result<Response, Failure> {
    check_visitor_form(input, fields).await?;
    let shown = (
        fields.required("auth_session")?,
        fields.required_secret("passkey")?,
    );
    let wished = WishedLevel::parse(input.query()?.get("acr_values"));
    let tried = match pages_take_passkeys(&input.context.app) {
        true => Box::pin(sign_in_with_passkey(&input.context, shown, wished.factor)).await,
        false => Err(Refusal::CodeWrong(Method::Passkey).into()),
    };
    after_first_factor(input, journey, "", tried).await
}

/// The next page after a password, a passkey or the link of a mail. `name` is what the user has
/// typed.
pub(crate) async fn after_first_factor(
    input: &Input,
    journey: &Journey,
    name: &str,
    tried: Result<SignIn, Failure>,
) -> Result<Response, Failure> {
    match tried {
        Ok(SignIn::Done(browser)) => signed_in(input, &browser, journey).await,
        Ok(SignIn::SecondFactor(needed)) => second_step(input, journey, &needed).await,
        Ok(SignIn::Next(next)) => next_page(input, journey, &next).await,
        Err(Failure::Refused(refusal)) => {
            go_back(input, &journey.path(SIGN_IN), &refusal, name).await
        }
        Err(broken) => Err(broken),
    }
}

/// Redirects to the code step, or to the enrolment of a first factor if the user has
/// nothing that gives a code.
async fn second_step(
    input: &Input,
    journey: &Journey,
    needed: &SecondFactor,
) -> Result<Response, Failure> {
    let mut response = match needed.methods().is_empty() {
        true => to_first_factor(input, journey).await?,
        false => go_to(&journey.step(SIGN_IN, &[PageStep::Code.parameter()]))?,
    };
    cookie::set_for_a_login(&mut response, needed.token.expose());
    Ok(response)
}

/// The page for a user with the right password who must confirm an address first. The
/// page says whether the link was sent again. For ten minutes it can send another link.
async fn unconfirmed_page(
    input: &Input,
    journey: &Journey,
    query: &Fields,
) -> Result<Response, Failure> {
    let user = query.get("user").and_then(UserId::parse);
    let user = user.ok_or(PageRefusal::SignInRequired)?;
    let text = match query.get("sent") {
        Some(_) => "Please confirm your e-mail address first. We have sent you a link for that.",
        None => "Please confirm your e-mail address first. No link could be sent just now.",
    };
    let form = VisitorForm::of(input).await?;
    let template = MessagePage {
        frame: PageFrame::of(&input.context.app, "Confirm your address"),
        text: text.to_owned(),
        alert: true,
        form: Some(Button {
            action: "/auth/confirm".to_owned(),
            csrf: form.csrf.expose().to_owned(),
            hidden: vec![("user", user.to_string()), ("send", "true".to_owned())],
            button: "Send another link",
        }),
        link: Some((journey.path(SIGN_IN), "Sign in")),
    };
    Ok(form.with_cookie(render(
        &input.context.app,
        StatusCode::FORBIDDEN,
        &template,
        None,
    )?))
}
