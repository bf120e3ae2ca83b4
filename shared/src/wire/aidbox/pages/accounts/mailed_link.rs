//! Links in e-mails, and the pages that they open.

use axum::http::StatusCode;
use axum::response::Response;
use url::form_urlencoded::Serializer;

use crate::app::App;
use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::id::UserId;
use crate::failure::Failure;
use crate::wire::aidbox::pages::page::MessagePage;
use crate::wire::aidbox::pages::page::{PageFrame, refused_page, render};
use crate::wire::fields::Fields;
use crate::wire::input::Input;

pub(crate) const CONFIRM: &str = "/auth/confirm";

pub(crate) const CONFIRMED: &str = "Your e-mail address is confirmed.";

/// A link to one of our pages.
pub(crate) fn link(app: &App, path: &str, user: UserId, token: &str) -> String {
    at_issuer(app, &path_of_link(path, user, token))
}

/// The address of this path. The address starts with the issuer, so a request cannot change
/// where a link leads.
pub(crate) fn at_issuer(app: &App, path: &str) -> String {
    format!("{}{path}", app.config.issuer.trim_end_matches('/'))
}

/// The path and query of such a link.
pub(crate) fn path_of_link(path: &str, user: UserId, token: &str) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("user", &user.to_string());
    query.append_pair("token", token);
    format!("{path}?{}", query.finish())
}

/// The link that confirms an address on our own page. Every deployment has this page.
pub fn confirmation_link(app: &App, user: UserId, token: &str) -> String {
    link(app, CONFIRM, user, token)
}

/// The user in the link's query.
pub(crate) fn user_of_link(fields: &Fields) -> Result<UserId, ActionRefusal> {
    let user = fields.get("user").and_then(UserId::parse);
    user.ok_or(ActionRefusal::ActionTokenInvalid)
}

/// The page for a link that has ended. `link` leads to the page that sends a new one.
pub(crate) fn dead(
    input: &Input,
    text: &str,
    link: (String, &'static str),
) -> Result<Response, Failure> {
    let template = MessagePage {
        frame: PageFrame::of(&input.context.app, "This link has ended"),
        text: text.to_owned(),
        alert: true,
        form: None,
        link: Some(link),
    };
    let response = render(&input.context.app, StatusCode::BAD_REQUEST, &template, None)?;
    let refusal = ActionRefusal::ActionTokenInvalid.into();
    Ok(refused_page(response, &refusal, input.context.now()))
}

pub(crate) const RESET: &str = "/auth/reset";
