//! What all pages have in common: the frame, the headers, and the problem with a field.
//!
//! A page that leads to a client names the client's origin in `form-action`, beside
//! `'self'`, because Chromium applies `form-action` to the redirects that follow a
//! form. The stylesheet is part of each page, because a stylesheet in a file of its own
//! would cost one more invocation. The content security policy allows the stylesheet by
//! its hash. The hash is a constant, and a test recomputes it.

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

/// The SHA-256 of the stylesheet. The content security policy allows only a stylesheet
/// with this hash. A test recomputes the hash.
const STYLE_HASH: &str = "sha256-TR8z2JthGIvr42SUGDwvAjeInRyJTAAe9c1lOyX88kk=";

/// The script of the pages with passkeys. Without it, these pages work with the password.
pub const PASSKEY_SCRIPT: &str = include_str!("../../../../templates/pages/passkey.js");

/// The SHA-256 of the script, as `STYLE_HASH`.
const SCRIPT_HASH: &str = "sha256-48xlYom3dOpmExcfHI1+1g7zds4ju0Ljk+8sMemXyCc=";

/// What is around a page's content.
#[derive(Clone)]
pub struct PageFrame {
    pub brand: String,
    /// The heading, and the first part of the title.
    pub heading: String,
    /// The URL of the theme's stylesheet.
    pub style_url: Option<String>,
    /// Our own stylesheet.
    pub style: &'static str,
}

impl PageFrame {
    /// The frame of a page with this heading and this service's theme.
    pub fn of(app: &App, heading: &str) -> Self {
        let theme = &app.config.auth_config.theme;
        Self {
            brand: theme.brand.clone(),
            heading: heading.to_owned(),
            style_url: theme.style_url.as_ref().map(ToString::to_string),
            style: STYLE,
        }
    }

    /// The frame of a page that is made without access to the configuration.
    pub fn bare(heading: &str) -> Self {
        Self {
            brand: String::new(),
            heading: heading.to_owned(),
            style_url: None,
            style: STYLE,
        }
    }
}

/// The problem with a form, and the field that the problem is about.
#[derive(Default)]
pub struct Problem(Option<(String, String)>);

impl Problem {
    /// This sentence about this field. An empty name means the whole form.
    pub fn about(field: String, text: String) -> Self {
        Self(Some((field, text)))
    }

    /// Whether the problem is about this field.
    pub fn is_at(&self, field: &str) -> bool {
        self.of(field).is_some()
    }

    /// The sentence about this field. An empty name means the whole form.
    pub fn of(&self, field: &str) -> Option<&str> {
        let told = self.0.as_ref().filter(|(at, _)| at == field);
        told.map(|(_, text)| text.as_str())
    }

    /// The HTML attributes that link the field of a new password to its rule and its
    /// problem.
    pub fn attributes_with_rule(&self, field: &'static str) -> String {
        match self.is_at(field) {
            true => {
                format!(" aria-invalid=\"true\" aria-describedby=\"{field}-problem {field}-rule\"")
            }
            false => format!(" aria-describedby=\"{field}-rule\""),
        }
    }

    /// The HTML attributes that link the field to its problem. `field` is a constant of
    /// ours, so it needs no escaping.
    pub fn attributes(&self, field: &'static str) -> String {
        match self.is_at(field) {
            true => format!(" aria-invalid=\"true\" aria-describedby=\"{field}-problem\""),
            false => String::new(),
        }
    }
}

/// Renders a page. `leads_to` is the origin or scheme where redirects after a form of
/// this page may end.
///
/// # Errors
/// `Broken` if the template cannot be rendered.
pub fn render(
    app: &App,
    status: StatusCode,
    template: &impl Template,
    leads_to: Option<&str>,
) -> Result<Response, Broken> {
    rendered(app, status, template, (leads_to, ""))
}

/// Renders a page with the script of passkeys, as `render` does.
///
/// # Errors
/// `Broken` if the template cannot be rendered.
pub fn render_with_passkey(
    app: &App,
    status: StatusCode,
    template: &impl Template,
    leads_to: Option<&str>,
) -> Result<Response, Broken> {
    let script = format!("; script-src '{SCRIPT_HASH}'");
    rendered(app, status, template, (leads_to, &script))
}

/// Renders a page under the policy of all pages, and of `script` after it.
fn rendered(
    app: &App,
    status: StatusCode,
    template: &impl Template,
    (leads_to, script): (Option<&str>, &str),
) -> Result<Response, Broken> {
    let style = app.config.auth_config.theme.style_url.as_ref();
    let style = style.map(|url| url.origin().ascii_serialization());
    let html = template.render();
    let html = html.map_err(|_| Broken::internal("a page could not be written"))?;
    let policy = policy(style.as_deref(), leads_to) + script;
    Ok(html_response(status, html, &policy))
}

/// A page without the theme, for failures before a handler runs. `theme.rs` adds the
/// theme later. `again` says whether the page may link back to the page that the
/// browser asked for.
pub fn bare_page(status: StatusCode, message: MessagePage, again: bool) -> Response {
    let html = message.render().unwrap_or_default();
    let mut response = html_response(status, html, &policy(None, None));
    let bare = Bare(Arc::new((message, again)));
    response.extensions_mut().insert(bare);
    response
}

/// The message of a page that has no theme yet.
#[derive(Clone)]
pub struct Bare(pub Arc<(MessagePage, bool)>);

/// The policy of a page without a script.
fn policy(style: Option<&str>, leads_to: Option<&str>) -> String {
    let style = style.map(|origin| format!(" {origin}")).unwrap_or_default();
    let target = leads_to.map(|to| format!(" {to}")).unwrap_or_default();
    format!(
        "default-src 'none'; style-src '{STYLE_HASH}'{style}; form-action 'self'{target}; \
         frame-ancestors 'none'; base-uri 'none'"
    )
}

fn html_response(status: StatusCode, html: String, policy: &str) -> Response {
    let mut response = closed((status, html).into_response());
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(CONTENT_TYPE, kind);
    let strict = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
    let policy = HeaderValue::from_str(policy);
    headers.insert(
        CONTENT_SECURITY_POLICY,
        policy.unwrap_or(HeaderValue::from_static(strict)),
    );
    response
}

/// Redirects the browser to one of our paths or to a client.
pub fn redirect(status: StatusCode, to: &str) -> Result<Response, Broken> {
    let to = HeaderValue::from_str(to);
    let to =
        to.map_err(|_| Broken::internal("the target of a redirect is not valid in a header"))?;
    let mut response = closed(status.into_response());
    response.headers_mut().insert(LOCATION, to);
    Ok(response)
}

/// Redirects to one of our paths with `GET`.
pub fn go_to(path: &str) -> Result<Response, Broken> {
    redirect(StatusCode::SEE_OTHER, path)
}

/// The security headers of every response to a browser.
pub fn closed(mut response: Response) -> Response {
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

/// Adds the wait time to a page with a refusal, and the outcome for the log.
pub fn refused_page(mut response: Response, refusal: &Refusal, now: Timestamp) -> Response {
    if let Some(wait) = refusal.wait(now) {
        let seconds = number_header((wait.retry_at - now).max(1));
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    let outcome = Outcome::of(refusal);
    response.extensions_mut().insert(outcome);
    response
}

/// A form with only a button.
#[derive(Clone)]
pub struct Button {
    /// The path that the form posts to.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// The form's hidden fields.
    pub hidden: Vec<(&'static str, String)>,
    /// The label of the button.
    pub button: &'static str,
}

#[derive(Clone, Template)]
#[template(path = "pages/message.html")]
pub struct MessagePage {
    pub frame: PageFrame,
    /// The message.
    pub text: String,
    /// Whether the message is about a failure.
    pub alert: bool,
    /// The form under the message, if any.
    pub form: Option<Button>,
    /// The link under the message, if any: path and label.
    pub link: Option<(String, &'static str)>,
}
