//! The pages that carry an answer to a client without a redirect: a form that the browser
//! posts (OAuth 2.0 Form Post Response Mode), and a message to the page that opened or
//! frames ours (`response_mode` `web_message`). These are the only pages with a script. The
//! content security policy allows each script by its hash, and a test recomputes the hash.

use askama::Template;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::failure::Broken;
use crate::wire::aidbox::pages::authorization::request::policy_source;
use crate::wire::aidbox::pages::page::closed;

const POST_SCRIPT: &str = "document.forms[0].submit()";
const POST_HASH: &str = "sha256-ePniVEkSivX/c7XWBGafqh8tSpiRrKiqYeqbG7N1TOE=";

const MESSAGE_SCRIPT: &str = "const d=document.body.dataset;(window.opener||window.parent).postMessage({type:\"authorization_response\",response:JSON.parse(d.response)},d.to)";
const MESSAGE_HASH: &str = "sha256-Gllze1yknVzpYYDi8LtlEO8cdtzZmdqGm40NfqgGC/k=";

#[derive(Template)]
#[template(path = "pages/form_post.html")]
struct FormPostPage<'a> {
    action: &'a str,
    fields: &'a [(&'a str, &'a str)],
    script: &'static str,
}

#[derive(Template)]
#[template(path = "pages/web_message.html")]
struct WebMessagePage<'a> {
    to: &'a str,
    response: String,
    script: &'static str,
}

/// A form with these parameters, which the browser posts to the redirect URI. A browser
/// without scripts shows a button.
///
/// # Errors
/// `Broken` if the page cannot be written.
pub(super) fn form_post(uri: &str, parameters: &[(&str, &str)]) -> Result<Response, Broken> {
    let page = FormPostPage {
        action: uri,
        fields: parameters,
        script: POST_SCRIPT,
    };
    let target = policy_source(uri).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src '{POST_HASH}'; form-action {target}; frame-ancestors \
         'none'; base-uri 'none'"
    );
    html(&page, &policy)
}

/// A message with these parameters to the page of this origin, which may frame ours.
///
/// # Errors
/// `Broken` if the page cannot be written.
pub(super) fn web_message(origin: &str, parameters: &[(&str, &str)]) -> Result<Response, Broken> {
    let pairs = parameters.iter();
    let response: Map<String, Value> = pairs
        .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
        .collect();
    let page = WebMessagePage {
        to: origin,
        response: Value::Object(response).to_string(),
        script: MESSAGE_SCRIPT,
    };
    let policy = format!(
        "default-src 'none'; script-src '{MESSAGE_HASH}'; form-action 'none'; frame-ancestors \
         {origin}; base-uri 'none'"
    );
    let mut response = html(&page, &policy)?;
    // Only `frame-ancestors` can name an origin.
    response.headers_mut().remove(X_FRAME_OPTIONS);
    Ok(response)
}

fn html(page: &impl Template, policy: &str) -> Result<Response, Broken> {
    let unwritten = || Broken::internal("a page with an answer could not be written");
    let html = page.render().map_err(|_| unwritten())?;
    let policy = HeaderValue::from_str(policy).map_err(|_| unwritten())?;
    let mut response = closed((StatusCode::OK, html).into_response());
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}
