//! `/auth/forgot` and `/auth/reset`: a forgotten password.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use utoipa::{IntoParams, ToSchema};

use crate::domain::accounts::action::ActionKind;
use crate::domain::accounts::named_user::ActionOwner;
use crate::domain::accounts::refusals::account_refusal::AccountRefusal;
use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::id::UserId;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::accounts::forgot_password::forgot_password;
use crate::usecase::accounts::inspect_link::{Link, look_at_link};
use crate::usecase::accounts::reset_password::reset_password;
use crate::wire::aidbox::pages::accounts::address_page::{AddressPage, say};
use crate::wire::aidbox::pages::accounts::mailed_link::{
    RESET, dead, link, path_of_link, user_of_link,
};
use crate::wire::aidbox::pages::accounts::new_password_page::NewPasswordPage;
use crate::wire::aidbox::pages::answer;
use crate::wire::aidbox::pages::authorization::request::{AuthorizationQuery, Journey};
use crate::wire::aidbox::pages::form::{VisitorForm, check_origin, check_visitor_form};
use crate::wire::aidbox::pages::form_message::{Said, go_back};
use crate::wire::aidbox::pages::page::{PageFrame, Problem, go_to, render};
use crate::wire::aidbox::pages::page_step::PageStep;
use crate::wire::aidbox::pages::refusal::password_rule;
use crate::wire::input::Input;

const FORGOT: &str = "/auth/forgot";

/// `GET /auth/forgot`: the form for an e-mail address. Answers 303 if the theme has a
/// page of its own.
#[operation(
    summary = "Shows the form for a forgotten password.",
    params(AuthorizationQuery),
    responses(
        (status = 200, description = "The form."),
        (status = 303, description = "To the theme's own page, where it has one."),
    ),
)]
pub async fn show_forgot(input: Input) -> Response {
    answer(&input, forgot_page(&input).await)
}

async fn forgot_page(input: &Input) -> Result<Response, Failure> {
    if let Some(own) = &input
        .context
        .app
        .config
        .auth_config
        .theme
        .forgot_password_url
    {
        return Ok(go_to(own.as_str())?);
    }
    let journey = Journey::of(input).await?;
    if PageStep::of_query(input.query()?) == Some(PageStep::Sent) {
        // The text does not say whether the address has an account, or whether an
        // e-mail was sent.
        let text = "If there is an account with this address, it gets a link. If no mail comes, \
                    wait an hour and ask again.";
        let path = journey.path("/auth/login");
        return say(&input.context.app, "Look into your mailbox", text, path);
    }
    let said = Said::to_page(input, FORGOT).await;
    let after = said.after();
    let form = forgot_form(input, &journey, &said.typed, (said.status, said.problem));
    Ok(after(form.await?))
}

async fn forgot_form(
    input: &Input,
    journey: &Journey,
    email: &str,
    (status, problem): (StatusCode, Problem),
) -> Result<Response, Failure> {
    let form = VisitorForm::of(input).await?;
    let template = AddressPage {
        frame: PageFrame::of(&input.context.app, "Reset your password"),
        action: journey.path(FORGOT),
        csrf: form.csrf.expose().to_owned(),
        email: email.to_owned(),
        asks_password: false,
        rule: String::new(),
        button: "Send a link",
        back: journey.path("/auth/login"),
        problem,
    };
    Ok(form.with_cookie(render(&input.context.app, status, &template, None)?))
}

/// A forgotten password.
#[derive(ToSchema)]
pub struct ForgotForm {
    /// The form's token.
    pub csrf: String,
    /// The e-mail address.
    pub email: String,
}

/// `POST /auth/forgot`: takes `email`. Gives the same answer after the same time for
/// every address.
#[operation(
    summary = "Sends a link for a new password; answers after two seconds.",
    params(AuthorizationQuery),
    request_body = ForgotForm,
    responses((status = 303, description = "To the page that says so, whoever's address it is.")),
)]
pub async fn page_forgot_password(input: Input) -> Response {
    answer(&input, forgotten(&input).await)
}

async fn forgotten(input: &Input) -> Result<Response, Failure> {
    check_origin(&input.context.app, &input.headers)?;
    let journey = Journey::of(input).await?;
    let fields = input.fields()?;
    check_visitor_form(input, fields).await?;
    let make_link = |user: UserId, token: &str| link(&input.context.app, RESET, user, token);
    let tried = async {
        let email = fields.required("email")?;
        forgot_password(&input.context, email, &make_link).await
    };
    match tried.await {
        Ok(()) => {
            let mut response = go_to(&journey.step(FORGOT, &[PageStep::Sent.parameter()]))?;
            journey.keep(&mut response);
            Ok(response)
        }
        Err(Failure::Refused(refusal)) => {
            let email = fields.get("email").unwrap_or_default();
            go_back(input, &journey.path(FORGOT), &refusal, email).await
        }
        Err(broken) => Err(broken),
    }
}

/// What the link of an e-mail holds; or what has become of its form.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LinkQuery {
    /// The user.
    #[param(nullable = false)]
    pub user: Option<String>,
    /// The token.
    #[param(nullable = false)]
    pub token: Option<String>,
    /// `done` or `sent`: what has become of the form.
    #[param(nullable = false)]
    pub step: Option<String>,
}

/// `GET /auth/reset?user=&token=`: the form for a new password.
#[operation(
    summary = "Shows the form for a new password: where the e-mail's link leads.",
    params(LinkQuery),
    responses((status = 200, description = "The form.")),
)]
pub async fn show_reset(input: Input) -> Response {
    answer(&input, reset_page(&input).await)
}

async fn reset_page(input: &Input) -> Result<Response, Failure> {
    let query = input.query()?;
    if PageStep::of_query(query) == Some(PageStep::Done) {
        let text = "You have been signed out everywhere. Sign in with the new password.";
        let path = Journey::of_cookie(input).await.path("/auth/login");
        return say(&input.context.app, "Your password is changed", text, path);
    }
    let user = user_of_link(query)?;
    let token = query
        .get("token")
        .ok_or(ActionRefusal::ActionTokenInvalid)?;
    let kind = ActionKind::ResetPassword;
    let Link::Live(of) = look_at_link(&input.context, kind, user, token).await? else {
        let text = "This link is not valid any more. The link works once, within an hour.";
        let forgot = Journey::of_cookie(input).await.path(FORGOT);
        return dead(input, text, (forgot, "Send a new link"));
    };
    let said = Said::to_page(input, RESET).await;
    let after = said.after();
    let form = VisitorForm::of(input).await?;
    let template = NewPasswordPage {
        frame: PageFrame::of(&input.context.app, "Choose a new password"),
        action: RESET.to_owned(),
        csrf: form.csrf.expose().to_owned(),
        hidden: vec![("user", user.to_string()), ("token", token.to_owned())],
        name: of.user_name,
        rule: password_rule(&input.context.app),
        problem: said.problem,
    };
    Ok(after(form.with_cookie(render(
        &input.context.app,
        said.status,
        &template,
        None,
    )?)))
}

/// A new password.
#[derive(ToSchema)]
pub struct ResetForm {
    /// The form's token.
    pub csrf: String,
    /// The user.
    pub user: String,
    /// The token of the link.
    pub token: String,
    /// The new password.
    pub new_password: String,
}

/// `POST /auth/reset`: takes `user`, `token`, `new_password`. Does not sign the user
/// in.
#[operation(
    summary = "Sets a new password. Signs nobody in.",
    request_body = ResetForm,
    responses((status = 303, description = "To the page that says so: it is set. Or to the form, with what is wrong.")),
)]
pub async fn page_reset_password(input: Input) -> Response {
    answer(&input, was_reset(&input).await)
}

async fn was_reset(input: &Input) -> Result<Response, Failure> {
    check_origin(&input.context.app, &input.headers)?;
    let fields = input.fields()?;
    check_visitor_form(input, fields).await?;
    let user = user_of_link(fields)?;
    let token = fields
        .get("token")
        .ok_or(ActionRefusal::ActionTokenInvalid)?;
    let tried = async {
        let password = fields.required_secret("new_password")?;
        reset_password(&input.context, ActionOwner::Id(user), token, password).await
    };
    match tried.await {
        Ok(()) => Ok(go_to(&PageStep::Done.path(RESET))?),
        // The page of the link shows the problem. Its URL has the link's user and token
        // again.
        Err(Failure::Refused(
            refusal @ (Refusal::Account(AccountRefusal::PasswordRejected(_))
            | Refusal::ParameterMissing(_)
            | Refusal::Action(ActionRefusal::ActionTokenInvalid)),
        )) => {
            let path = path_of_link(RESET, user, token);
            go_back(input, &path, &refusal, "").await
        }
        Err(failure) => Err(failure),
    }
}
