//! What a page says about a form that was sent to it. A form is answered by a
//! redirect, so that Back and reload ask for a page again and send nothing
//! twice; what is to be said travels in a cookie that the page takes away.

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
use crate::wire::aidbox::pages::page::{Problem, go_to, refused};
use crate::wire::aidbox::pages::refusal::{Told, told};
use crate::wire::input::Input;
use crate::wire::number_header;

/// The longest text that was typed and is repeated, in bytes.
const LONGEST_TYPED: usize = 256;

/// What a page says.
#[derive(Default)]
pub struct Said {
    /// The status of the page.
    pub status: StatusCode,
    /// What is wrong, and where.
    pub problem: Problem,
    /// The name or address that was typed.
    pub typed: String,
    retry_after: Option<i64>,
    there: bool,
}

/// Answers a form that is refused: 303 to the page that says so. `typed`: the
/// name or address that stands in the form again.
pub async fn go_back(
    input: &Input,
    path: &str,
    refusal: &Refusal,
    typed: &str,
) -> Result<Response, Failure> {
    let told = told(refusal, input.context.now());
    go_back_told(input, path, (refusal, told), typed).await
}

/// The same with words of its own.
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
    Ok(refused(response, refusal, now))
}

impl Said {
    /// What the page at this path is to say, if anything.
    pub async fn at(input: &Input, path: &str) -> Self {
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
            problem: Problem::at(text("field"), text("text")),
            typed: text("typed"),
            retry_after: said["retry_after"].as_i64(),
            there: true,
        })
    }

    /// The page that has said it. A redirect shows nothing, so the cookie stays:
    /// for the page that the redirect leads to, or as the redirect has set it.
    pub fn on(there: bool, retry_after: Option<i64>, mut response: Response) -> Response {
        if response.status().is_redirection() {
            return response;
        }
        if let Some(seconds) = retry_after {
            let seconds = number_header(seconds);
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        if there {
            cookie::clear(&mut response, cookie::SAID);
        }
        response
    }

    /// What is to be done to the page afterwards.
    pub fn after(&self) -> impl FnOnce(Response) -> Response + use<> {
        let (there, retry_after) = (self.there, self.retry_after);
        move |response| Self::on(there, retry_after, response)
    }
}

/// A path without its query.
fn page_of(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}
