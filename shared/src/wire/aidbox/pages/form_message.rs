//! The message that a page shows about the last form. A form is answered with a
//! redirect, so that Back and Reload request a page again and never send the form
//! twice. The message travels in a cookie, and the page that shows the message deletes
//! the cookie.

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::sessions::form_token::{Binding, check_form, form_token};
use crate::wire::aidbox::pages::cookie;
use crate::wire::aidbox::pages::page::{Problem, go_to, refused_page};
use crate::wire::aidbox::pages::refusal::{Told, told_on_page};
use crate::wire::input::Input;
use crate::wire::number_header;

/// The longest typed text that is put into the form again, in bytes.
const LONGEST_TYPED: usize = 256;

/// The message about the last form.
#[derive(Default)]
pub struct Said {
    /// The status of the page that shows the message.
    pub status: StatusCode,
    /// The problem, and the field that it is about.
    pub problem: Problem,
    /// The name or address that the user typed.
    pub typed: String,
    retry_after: Option<i64>,
    there: bool,
}

/// Answers a refused form with 303 to the page that shows the message. `typed` is the
/// name or address that the form shows again.
pub async fn go_back(
    input: &Input,
    path: &str,
    refusal: &Refusal,
    typed: &str,
) -> Result<Response, Failure> {
    let told = told_on_page(refusal, input.context.now());
    go_back_told(input, path, (refusal, told), typed).await
}

/// Like `go_back`, with a message of the caller's choice.
pub async fn go_back_told(
    input: &Input,
    path: &str,
    (refusal, told): (&Refusal, Told),
    typed: &str,
) -> Result<Response, Failure> {
    let now = input.context.now();
    let typed = if typed.len() > LONGEST_TYPED {
        ""
    } else {
        typed
    };
    let text = json!({
        "path": page_of(path),
        "status": told.status.as_u16(),
        "field": told.field,
        "text": told.text,
        "typed": typed,
        "retry_after": refusal.wait(now).map(|wait| (wait.retry_at - now).max(1)),
    });
    let text = URL_SAFE_NO_PAD.encode(text.to_string());
    let mac = form_token(&input.context, Binding::Said(&text)).await?;
    let mut response = go_to(path)?;
    cookie::set_to_say(&mut response, &format!("{text}~{}", mac.expose()));
    Ok(refused_page(response, refusal, now))
}

impl Said {
    /// The message for the page at this path, if there is one.
    pub async fn to_page(input: &Input, path: &str) -> Self {
        let Some(value) = cookie::read_to_say(&input.headers) else {
            return Self::default();
        };
        let read = Self::read(input, path, value).await;
        read.unwrap_or_default()
    }

    async fn read(input: &Input, path: &str, value: &str) -> Option<Self> {
        let (text, mac) = value.split_once('~')?;
        let checked = check_form(&input.context, Binding::Said(text), Some(mac));
        checked.await.ok()?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let said: Value = serde_json::from_slice(&bytes).ok()?;
        let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
        if text("path") != path {
            return None;
        }
        let status = said["status"]
            .as_u64()
            .and_then(|code| code.try_into().ok());
        Some(Self {
            status: StatusCode::from_u16(status?).ok()?,
            problem: Problem::about(text("field"), text("text")),
            typed: text("typed"),
            retry_after: said["retry_after"].as_i64(),
            there: true,
        })
    }

    /// Deletes the cookie after a page has shown the message. A redirect shows nothing,
    /// so the cookie stays for the next page.
    pub fn on(there: bool, retry_after: Option<i64>, mut response: Response) -> Response {
        if response.status().is_redirection() {
            return response;
        }
        if let Some(seconds) = retry_after {
            let seconds = number_header(seconds);
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        if there {
            cookie::clear_cookie(&mut response, cookie::SAID);
        }
        response
    }

    /// Makes a function that finishes the page's response: adds `Retry-After`, and
    /// deletes the cookie.
    pub fn after(&self) -> impl FnOnce(Response) -> Response + use<> {
        let (there, retry_after) = (self.there, self.retry_after);
        move |response| Self::on(there, retry_after, response)
    }
}

/// The path without its query.
fn page_of(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}
