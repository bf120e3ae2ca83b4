//! The form that asks for an e-mail address, and the page that answers a form.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use crate::app::App;
use crate::failure::Failure;
use crate::wire::aidbox::pages::page::MessagePage;
use crate::wire::aidbox::pages::page::{PageFrame, Problem, render};

#[derive(Template)]
#[template(path = "pages/sign_up.html")]
pub(crate) struct AddressPage {
    pub frame: PageFrame,
    pub action: String,
    pub csrf: String,
    pub email: String,
    pub asks_password: bool,
    pub rule: String,
    pub button: &'static str,
    pub back: String,
    pub problem: Problem,
}

/// A page with a text and a link to the sign-in.
pub(crate) fn say(app: &App, heading: &str, text: &str, path: String) -> Result<Response, Failure> {
    let template = MessagePage {
        frame: PageFrame::of(app, heading),
        text: text.to_owned(),
        alert: false,
        form: None,
        link: Some((path, "Sign in")),
    };
    Ok(render(app, StatusCode::OK, &template, None)?)
}
