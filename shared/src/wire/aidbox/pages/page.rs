//! What every page has: its frame, its headers, and what is wrong with a field.
//!
//! A page that leads to a client names the client's origin in `form-action`,
//! beside `'self'`, because Chromium applies `form-action` to the redirects that
//! follow a form. Each page contains the stylesheet, and allows it by its hash. The
//! hash is a constant that a test computes. A stylesheet in a file of its own
//! would cost one more invocation.

use std::sync::Arc;

use askama::Template;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::refusal::Refusal;
use crate::failure::Broken;
use crate::wire::{Outcome, number_header};

/// The stylesheet of every page.
const STYLE: &str = include_str!("../../../../templates/pages/page.css");

/// Its SHA-256, by which the content security policy allows it and no other; a
/// test computes it.
const STYLE_HASH: &str = "sha256-0YixeDQsPolccr4KtCwcFnJaDEx2Mjw1OGv2HtejY1M=";

/// What stands around a page's content.
#[derive(Clone)]
pub struct PageFrame {
    /// The application's name.
    pub brand: String,
    /// The heading, and the first part of the title.
    pub heading: String,
    /// The theme's stylesheet.
    pub style_url: Option<String>,
    /// Our own.
    pub style: &'static str,
}

impl PageFrame {
    /// A page of this service with this heading.
    pub fn of(app: &App, heading: &str) -> Self {
        let theme = &app.config.auth_config.theme;
        Self {
            brand: theme.brand.clone(),
            heading: heading.to_owned(),
            style_url: theme.style_url.as_ref().map(ToString::to_string),
            style: STYLE,
        }
    }

    /// A page where nothing of the service is known.
    pub fn bare(heading: &str) -> Self {
        Self {
            brand: String::new(),
            heading: heading.to_owned(),
            style_url: None,
            style: STYLE,
        }
    }
}

/// What is wrong with a form, and where.
#[derive(Default)]
pub struct Problem(Option<(String, String)>);

impl Problem {
    /// This sentence, at this field of a form; at none for an empty name.
    pub fn at(field: String, text: String) -> Self {
        Self(Some((field, text)))
    }

    /// Whether it is at this field.
    pub fn is_at(&self, field: &str) -> bool {
        self.of(field).is_some()
    }

    /// What is wrong at this field; at none for an empty name.
    pub fn of(&self, field: &str) -> Option<&str> {
        let told = self.0.as_ref().filter(|(at, _)| at == field);
        told.map(|(_, text)| text.as_str())
    }

    /// The attributes that tie the field of a new password to its rule and to
    /// its problem.
    pub fn attributes_with_rule(&self, field: &'static str) -> String {
        match self.is_at(field) {
            true => {
                format!(" aria-invalid=\"true\" aria-describedby=\"{field}-problem {field}-rule\"")
            }
            false => format!(" aria-describedby=\"{field}-rule\""),
        }
    }

    /// The attributes that tie the field to its problem. `field` is a name of
    /// ours, so nothing has to be escaped.
    pub fn attributes(&self, field: &'static str) -> String {
        match self.is_at(field) {
            true => format!(" aria-invalid=\"true\" aria-describedby=\"{field}-problem\""),
            false => String::new(),
        }
    }
}

/// A page. `leads_to` is the origin or scheme at which the redirects that follow
/// a form of this page may end.
///
/// # Errors
/// `Broken` if the template cannot be written.
pub fn render(
    app: &App,
    status: StatusCode,
    template: &impl Template,
    leads_to: Option<&str>,
) -> Result<Response, Broken> {
    let style = app.config.auth_config.theme.style_url.as_ref();
    let style = style.map(|url| url.origin().ascii_serialization());
    let html = template.render();
    let html = html.map_err(|_| Broken::internal("a page could not be written"))?;
    Ok(html_response(status, html, style.as_deref(), leads_to))
}

/// A page without anything of the service: for what goes wrong before a handler
/// runs. `theme.rs` dresses it; `again`: whether the page that was asked for may
/// be asked for once more.
pub fn bare_page(status: StatusCode, message: MessagePage, again: bool) -> Response {
    let html = message.render().unwrap_or_default();
    let mut response = html_response(status, html, None, None);
    let bare = Bare(Arc::new((message, again)));
    response.extensions_mut().insert(bare);
    response
}

/// What a bare page says.
#[derive(Clone)]
pub struct Bare(pub Arc<(MessagePage, bool)>);

fn html_response(
    status: StatusCode,
    html: String,
    style: Option<&str>,
    leads_to: Option<&str>,
) -> Response {
    let mut response = closed((status, html).into_response());
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(CONTENT_TYPE, kind);
    let style = style.map(|origin| format!(" {origin}")).unwrap_or_default();
    let target = leads_to.map(|to| format!(" {to}")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src '{STYLE_HASH}'{style}; form-action 'self'{target}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let strict = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
    let policy = HeaderValue::from_str(&policy);
    headers.insert(
        CONTENT_SECURITY_POLICY,
        policy.unwrap_or(HeaderValue::from_static(strict)),
    );
    response
}

/// Sends the browser on: to a path of ours, or to a client.
pub fn redirect(status: StatusCode, to: &str) -> Result<Response, Broken> {
    let to = HeaderValue::from_str(to);
    let to = to.map_err(|_| Broken::internal("a redirect is no header"))?;
    let mut response = closed(status.into_response());
    response.headers_mut().insert(LOCATION, to);
    Ok(response)
}

/// To a path of ours, with `GET`.
pub fn go_to(path: &str) -> Result<Response, Broken> {
    redirect(StatusCode::SEE_OTHER, path)
}

/// The headers of whatever a browser gets here.
fn closed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A page that says no: how long to wait, and what the log learns.
pub fn refused(mut response: Response, refusal: &Refusal, now: Timestamp) -> Response {
    if let Some(wait) = refusal.wait(now) {
        let seconds = number_header((wait.retry_at - now).max(1));
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    let outcome = Outcome::of(refusal);
    response.extensions_mut().insert(outcome);
    response
}

/// A form of one button.
#[derive(Clone)]
pub struct Button {
    /// Where it posts.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// What else it posts.
    pub hidden: Vec<(&'static str, String)>,
    /// What stands on it.
    pub button: &'static str,
}

/// A page that says something.
#[derive(Clone, Template)]
#[template(path = "pages/message.html")]
pub struct MessagePage {
    /// Its frame.
    pub frame: PageFrame,
    /// What it says.
    pub text: String,
    /// Whether that is bad news.
    pub alert: bool,
    /// What can be done about it.
    pub form: Option<Button>,
    /// Where to go from it.
    pub link: Option<(String, &'static str)>,
}
