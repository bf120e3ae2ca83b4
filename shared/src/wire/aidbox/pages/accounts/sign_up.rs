//! `/auth/signup`, and `/auth/confirm`, the page that the link in the e-mail opens.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use utoipa::ToSchema;

use crate::domain::accounts::action::ActionKind;
use crate::domain::accounts::named_user::ActionOwner;
use crate::domain::accounts::new_user::registration::Registration;
use crate::domain::accounts::profile::Profile;
use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::id::UserId;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::accounts::confirm_address::confirm_email;
use crate::usecase::accounts::inspect_link::{Link, look_at_link};
use crate::usecase::accounts::register::check_open;
use crate::usecase::accounts::send_confirmation::{ConfirmationRequester, send_email_confirmation};
use crate::usecase::accounts::sign_up::{Links, sign_up};
use crate::wire::aidbox::pages::accounts::address_page::{AddressPage, say};
use crate::wire::aidbox::pages::accounts::mailed_link::{
    CONFIRM, CONFIRMED, RESET, confirmation_link, dead, link, path_of_link, user_of_link,
};
use crate::wire::aidbox::pages::accounts::reset::LinkQuery;
use crate::wire::aidbox::pages::answer;
use crate::wire::aidbox::pages::authorization::request::{AuthorizationQuery, Journey};
use crate::wire::aidbox::pages::form::{VisitorForm, check_origin, check_visitor_form};
use crate::wire::aidbox::pages::form_message::{Said, go_back_told};
use crate::wire::aidbox::pages::login::next_page::SIGN_IN;
use crate::wire::aidbox::pages::page::{
    Button, MessagePage, PageFrame, Problem, go_to, refused_page, render,
};
use crate::wire::aidbox::pages::page_step::PageStep;
use crate::wire::aidbox::pages::refusal::{Told, password_rule, told_on_page};
use crate::wire::input::Input;

const PATH: &str = "/auth/signup";

/// `GET /auth/signup`: the form for an e-mail address and a password.
#[operation(
    summary = "Shows the sign-up.",
    params(AuthorizationQuery),
    responses((status = 200, description = "The form.")),
)]
pub async fn show_sign_up(input: Input) -> Response {
    answer(&input, form_page(&input).await)
}

async fn form_page(input: &Input) -> Result<Response, Failure> {
    let journey = Journey::of(input).await?;
    if PageStep::of_query(input.query()?) == Some(PageStep::Sent) {
        let text = "If this address has no account yet, it has one now, and gets a link that \
                    confirms it. If it has one, it gets a link to a new password instead. If no \
                    mail comes, wait an hour and sign up again.";
        let path = journey.path("/auth/login");
        return say(&input.context.app, "Look into your mailbox", text, path);
    }
    check_open(&input.context)?;
    let said = Said::to_page(input, PATH).await;
    let after = said.after();
    let form = sign_up_form(input, &journey, &said.typed, (said.status, said.problem));
    Ok(after(form.await?))
}

async fn sign_up_form(
    input: &Input,
    journey: &Journey,
    email: &str,
    (status, problem): (StatusCode, Problem),
) -> Result<Response, Failure> {
    let form = VisitorForm::of(input).await?;
    let template = AddressPage {
        frame: PageFrame::of(&input.context.app, "Sign up"),
        action: journey.path(PATH),
        csrf: form.csrf.expose().to_owned(),
        email: email.to_owned(),
        asks_password: true,
        rule: password_rule(&input.context.app),
        button: "Sign up",
        back: journey.path("/auth/login"),
        problem,
    };
    Ok(form.with_cookie(render(&input.context.app, status, &template, None)?))
}

/// A new user.
#[derive(ToSchema)]
pub struct SignUpForm {
    /// The form's token.
    pub csrf: String,
    /// The e-mail address, the user name too.
    pub email: String,
    /// The password.
    pub password: String,
}

/// `POST /auth/signup`: takes `email` and `password`. Says that a link was sent,
/// whether or not the address already has an account.
#[operation(
    summary = "Signs up; says the same where the address has an account.",
    params(AuthorizationQuery),
    request_body = SignUpForm,
    responses((status = 303, description = "To the page that says so: a link is sent. Or to the form, with what is wrong.")),
)]
pub async fn submit_sign_up(input: Input) -> Response {
    answer(&input, submitted(&input).await)
}

async fn submitted(input: &Input) -> Result<Response, Failure> {
    check_origin(&input.context.app, &input.headers)?;
    let journey = Journey::of(input).await?;
    let fields = input.fields()?;
    check_visitor_form(input, fields).await?;
    let tried = async {
        let email = fields.required("email")?;
        let asked = Registration {
            user_name: email.trim(),
            email,
            password: fields.required_secret("password")?,
            given_name: None,
            family_name: None,
            profile: Profile::default(),
            roles: &[],
        };
        let links = Links {
            confirm: &|user: UserId, token: &str| {
                confirmation_link(&input.context.app, user, token)
            },
            reset: &|user: UserId, token: &str| link(&input.context.app, RESET, user, token),
        };
        sign_up(&input.context, &asked, links).await
    };
    match tried.await {
        Ok(_) => {
            let mut response = go_to(&journey.step(PATH, &[PageStep::Sent.parameter()]))?;
            journey.keep(&mut response);
            Ok(response)
        }
        Err(Failure::Refused(refusal)) => {
            let told = at_sign_up(told_on_page(&refusal, input.context.now()));
            let email = fields.get("email").unwrap_or_default();
            let path = journey.path(PATH);
            go_back_told(input, &path, (&refusal, told), email).await
        }
        Err(broken) => Err(broken),
    }
}

/// On this page, the field of the new password is named `password`.
fn at_sign_up(told: Told) -> Told {
    match told.field {
        "new_password" => Told {
            field: "password",
            ..told
        },
        _ => told,
    }
}

/// `GET /auth/confirm?user=&token=`: shows a button. Programs that scan e-mails open
/// links, but only a person presses a button.
#[operation(
    summary = "Shows the button that confirms an address: where the e-mail's link leads.",
    params(LinkQuery),
    responses((status = 200, description = "The button; or that the address is confirmed.")),
)]
pub async fn show_confirm(input: Input) -> Response {
    answer(&input, confirm_page(&input).await)
}

async fn confirm_page(input: &Input) -> Result<Response, Failure> {
    let query = input.query()?;
    let sign_in = || async { Journey::of_cookie(input).await.path("/auth/login") };
    match PageStep::of_query(query) {
        Some(PageStep::Done) => {
            return say(&input.context.app, "Thank you", CONFIRMED, sign_in().await);
        }
        Some(PageStep::Sent) => {
            let text = "We have sent a link that confirms your address.";
            return say(
                &input.context.app,
                "Look into your mailbox",
                text,
                sign_in().await,
            );
        }
        Some(PageStep::Code | PageStep::Password | PageStep::Unconfirmed) | None => {}
    }
    let user = user_of_link(query)?;
    let token = query
        .get("token")
        .ok_or(ActionRefusal::ActionTokenInvalid)?;
    match look_at_link(&input.context, ActionKind::ConfirmEmail, user, token).await? {
        Link::Live(_) => {}
        Link::Done => return say(&input.context.app, "Thank you", CONFIRMED, sign_in().await),
        Link::Dead => {
            let text = "This link is not valid any more. Sign in, and we send you another one.";
            return dead(input, text, (sign_in().await, "Sign in"));
        }
    }
    let form = VisitorForm::of(input).await?;
    let template = MessagePage {
        frame: PageFrame::of(&input.context.app, "Confirm your address"),
        text: "Confirm that this e-mail address is yours.".to_owned(),
        alert: false,
        form: Some(Button {
            action: CONFIRM.to_owned(),
            csrf: form.csrf.expose().to_owned(),
            hidden: vec![("user", user.to_string()), ("token", token.to_owned())],
            button: "Confirm",
        }),
        link: None,
    };
    Ok(form.with_cookie(render(&input.context.app, StatusCode::OK, &template, None)?))
}

/// Confirms an address.
#[derive(ToSchema)]
pub struct ConfirmForm {
    /// The form's token.
    pub csrf: String,
    /// The user.
    pub user: String,
    /// The token of the link.
    #[schema(nullable = false)]
    pub token: Option<String>,
    /// Asks for another link instead.
    #[schema(nullable = false)]
    pub send: Option<String>,
}

/// `POST /auth/confirm`: takes `user` and `token`. Or takes `user` and `send` for
/// another link, which works for ten minutes after that user's right password.
#[operation(
    summary = "Confirms an address, or sends another link.",
    request_body = ConfirmForm,
    responses((status = 303, description = "To the page that says so: the address is confirmed, or another link is sent; or that the link is not valid any more.")),
)]
pub async fn confirm_by_form(input: Input) -> Response {
    answer(&input, confirmed(&input).await)
}

async fn confirmed(input: &Input) -> Result<Response, Failure> {
    check_origin(&input.context.app, &input.headers)?;
    let fields = input.fields()?;
    check_visitor_form(input, fields).await?;
    let user = user_of_link(fields)?;
    if fields.get("send").is_some() {
        let make_link =
            |user: UserId, token: &str| confirmation_link(&input.context.app, user, token);
        let asker = ConfirmationRequester::Stranger(user);
        let sent = send_email_confirmation(&input.context, asker, &make_link).await;
        let step = match sent {
            Ok(true) => PageStep::Sent,
            Ok(false) => PageStep::Done,
            // The ten minutes after the right password have passed.
            Err(Failure::Refused(Refusal::AccessTokenMissing)) => {
                let text = "Please sign in again. Then we send you another link.";
                return dead(input, text, (SIGN_IN.to_owned(), "Sign in"));
            }
            Err(failure) => return Err(failure),
        };
        return Ok(go_to(&step.path(CONFIRM))?);
    }
    let token = fields
        .get("token")
        .ok_or(ActionRefusal::ActionTokenInvalid)?;
    match confirm_email(&input.context, ActionOwner::Id(user), token).await {
        Ok(_) => Ok(go_to(&PageStep::Done.path(CONFIRM))?),
        // The page of the link says why the link is refused.
        Err(Failure::Refused(refusal @ Refusal::Action(ActionRefusal::ActionTokenInvalid))) => {
            let response = go_to(&path_of_link(CONFIRM, user, token))?;
            Ok(refused_page(response, &refusal, input.context.now()))
        }
        Err(failure) => Err(failure),
    }
}
