//! `/auth/link`: where the link of a mail leads that signs in without a password.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use url::form_urlencoded::Serializer;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::authorization::request_parameters::Demand;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::wanted_authentication::WishedLevel;
use crate::failure::Failure;
use crate::usecase::authorization::authorize::addressee;
use crate::usecase::login::codes::sign_in_by_link::{look_at_sign_in_link, sign_in_by_link};
use crate::wire::aidbox::pages::accounts::mailed_link::at_issuer;
use crate::wire::aidbox::pages::accounts::mailed_link::dead;
use crate::wire::aidbox::pages::answer;
use crate::wire::aidbox::pages::authorization::request::{Journey, asked};
use crate::wire::aidbox::pages::form::{VisitorForm, check_origin, check_visitor_form};
use crate::wire::aidbox::pages::login::next_page::SIGN_IN;
use crate::wire::aidbox::pages::login::sign_in::after_first_factor;
use crate::wire::aidbox::pages::page::{Button, MessagePage, PageFrame, render};
use crate::wire::fields::Fields;
use crate::wire::input::Input;

const PATH: &str = "/auth/link";

/// The link of this token.
pub fn sign_in_link(app: &App, token: &str) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("token", token);
    at_issuer(app, &format!("{PATH}?{}", query.finish()))
}

/// The link of a mail.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SignInLinkQuery {
    /// Names the code, and has the code.
    pub token: String,
}

/// `GET /auth/link?token=`: shows a button. Programs that scan e-mails open links, but only a
/// person presses a button.
#[operation(
    summary = "Shows the button that signs in: where the e-mail's link leads.",
    params(SignInLinkQuery),
    responses((status = 200, description = "The button.")),
)]
pub async fn show_sign_in_link(input: Input) -> Response {
    answer(&input, link_page(&input).await)
}

/// What a live link leads to.
struct Onward {
    mailbox: String,
    client: String,
    journey: Journey,
    wished: WishedLevel,
}

async fn onward(input: &Input, token: &str) -> Result<Onward, Failure> {
    let link = look_at_sign_in_link(&input.context, token).await?;
    let request = Fields::from_form(link.request.as_bytes())?;
    let to = addressee(&input.context, &asked(&request)).await?;
    Ok(Onward {
        mailbox: link.mailbox,
        client: to.client.id.clone(),
        journey: Journey::to_sign_in(&request, to, Demand::default()),
        wished: WishedLevel::parse(request.get("acr_values")),
    })
}

async fn link_page(input: &Input) -> Result<Response, Failure> {
    let query = input.query()?;
    let token = query.get("token").unwrap_or_default();
    let onward = match onward(input, token).await {
        Ok(onward) => onward,
        Err(failure) => return ended(input, failure),
    };
    let form = VisitorForm::of(input).await?;
    let (mailbox, client) = (&onward.mailbox, &onward.client);
    let template = MessagePage {
        frame: PageFrame::of(&input.context.app, "Sign in"),
        text: format!("Sign in as {mailbox} and go on to {client}."),
        alert: false,
        form: Some(Button {
            action: PATH.to_owned(),
            csrf: form.csrf.expose().to_owned(),
            hidden: vec![("token", token.to_owned())],
            button: "Sign in",
        }),
        link: None,
    };
    let (app, end) = (&input.context.app, onward.journey.end());
    let page = render(app, StatusCode::OK, &template, end.as_deref())?;
    Ok(form.with_cookie(page))
}

/// The page for a link that is wrong, too old or used.
fn ended(input: &Input, failure: Failure) -> Result<Response, Failure> {
    match failure {
        Failure::Refused(Refusal::Action(ActionRefusal::ActionTokenInvalid)) => {
            let text = "This link is not valid any more. Go back to the app, and ask for another.";
            dead(input, text, (SIGN_IN.to_owned(), "Sign in"))
        }
        failure => Err(failure),
    }
}

/// Signs in by the link.
#[derive(ToSchema)]
pub struct SignInLinkForm {
    /// The form's token.
    pub csrf: String,
    /// The token of the link.
    pub token: String,
}

/// `POST /auth/link`: signs in, once. The browser goes on to the app, through the page of the
/// second factor if a factor is demanded.
#[operation(
    summary = "Signs in by an e-mail's link.",
    request_body = SignInLinkForm,
    responses((status = 303, description = "To the app's authorization; or to the page of the second factor.")),
)]
pub async fn submit_sign_in_link(input: Input) -> Response {
    answer(&input, submitted(&input).await)
}

async fn submitted(input: &Input) -> Result<Response, Failure> {
    check_origin(&input.context.app, &input.headers)?;
    let fields = input.fields()?;
    check_visitor_form(input, fields).await?;
    let token = fields.get("token").unwrap_or_default();
    let tried = async {
        let onward = onward(input, token).await?;
        let step = Box::pin(sign_in_by_link(&input.context, token, onward.wished)).await?;
        Ok((onward.journey, step))
    };
    match tried.await {
        Ok((journey, step)) => after_first_factor(input, &journey, "", Ok(step)).await,
        Err(failure) => ended(input, failure),
    }
}
