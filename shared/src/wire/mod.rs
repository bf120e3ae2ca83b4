//! Bytes to use case and back: one dialect a folder, and what they share.
//!
//! A handler reads its input, calls one use case, and writes the answer in the
//! words of its dialect. Each dialect matches `Refusal` without `_`.
//!
//! The types beside a handler say what its route takes and gives, for the OpenAPI
//! document. Handlers read `Fields` and write `json!`, and the tests hold each
//! answer of the run to these types.

pub mod abp;
pub mod aidbox;
pub mod auth0;
pub mod codemaze;
pub mod credentials;
mod field_names;
mod field_types;
pub mod fields;
pub mod grants;
pub mod identity;
pub mod input;
pub mod log;
pub mod multipart;
pub mod oauth;
pub mod task;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, PRAGMA, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::domain::login::next_step::NextStep;
use crate::domain::refusal::Refusal;
use crate::domain::refused::Refused;
use crate::domain::{Dialect, Timestamp};
use crate::failure::{Broken, Failure};

/// How an endpoint says no: a dialect may have several ways.
pub struct Words {
    /// The dialect that they belong to.
    pub dialect: Dialect,
    /// What the bodies look like.
    pub shape: Shape,
    /// The response for a refusal at a time.
    refusal: fn(&Refusal, Timestamp) -> Response,
    /// The answer to a fault.
    fault: Fault,
}

/// A refusal in the words of a dialect.
struct Wording {
    /// The status of the answer.
    status: StatusCode,
    /// The error code.
    error: &'static str,
    /// The sentence.
    sentence: String,
}

/// How a fault is answered.
enum Fault {
    /// By JSON, made of an error code and a sentence.
    Json(fn(&str, &str) -> Value),
    /// The same, with what marks the answer as the dialect's.
    Marked(fn(&str, &str) -> Value, fn(Response) -> Response),
    /// By a page with a sentence.
    Page(fn(StatusCode, &str) -> Response),
}

/// What the bodies of refusals and faults look like: `openapi.rs` documents
/// each, and a test holds them to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `{error, error_description}`.
    Auth0,
    /// OpenIddict's, with `error_uri` and what comes next.
    AbpToken,
    /// ABP's `{error: {…}}`.
    AbpRest,
    /// `AuthResponseDto`, and problem+json.
    CodeMazeLogin,
    /// Plain text, and problem+json.
    CodeMazeText,
    /// `{isSuccessfulRegistration, errors}`, and problem+json.
    CodeMazeRegistration,
    /// `{errors}`, and problem+json.
    CodeMazeReset,
    /// `{error, error_description}`.
    Aidbox,
    /// The same; 422 where the two-factor calls say no.
    AidboxTwoFactor,
    /// A page.
    AidboxPage,
}

/// What the log learns from a response.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The caller was told no: the refusal's name, and what of the request was
    /// refused where it is about a part of it.
    Refused(&'static str, Option<String>),
    /// Something broke: what, without secrets.
    Broken(String),
}

impl Outcome {
    /// What the log learns of a refusal.
    pub fn of(refusal: &Refusal) -> Self {
        Self::Refused(refusal.name(), refusal.refused().map(Refused::text))
    }
}

/// Seconds after which a caller may try again when a part is down.
const RETRY_SECONDS: i64 = 2;

/// A failure in these words. `now` is in seconds since the Unix epoch.
pub fn failure(words: &Words, failure: Failure, now: Timestamp) -> Response {
    match failure {
        Failure::Refused(refusal) => {
            let mut response = (words.refusal)(&refusal, now);
            response.extensions_mut().insert(Outcome::of(&refusal));
            response
        }
        Failure::Broken(broken) => server_error(words, &broken),
    }
}

/// A response for a login that lacks a step: the log learns which.
fn for_next_step(mut response: Response, next: &NextStep) -> Response {
    let outcome = Outcome::Refused(next.name(), None);
    response.extensions_mut().insert(outcome);
    response
}

/// Something broke: the caller learns only that. The request id is a header.
fn server_error(words: &Words, broken: &Broken) -> Response {
    let (status, error, sentence) = if broken.transient {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "temporarily_unavailable",
            "The service is unavailable. Please try again.",
        )
    } else {
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "The service failed to answer this request.",
        )
    };
    let mut response = match words.fault {
        Fault::Json(body) => private_json(status, &body(error, sentence)),
        Fault::Marked(body, mark) => mark(private_json(status, &body(error, sentence))),
        Fault::Page(page) => page(status, sentence),
    };
    if broken.transient {
        response
            .headers_mut()
            .insert(RETRY_AFTER, number_header(RETRY_SECONDS));
    }
    response
        .extensions_mut()
        .insert(Outcome::Broken(broken.to_string()));
    response
}

/// JSON that nobody may keep (RFC 6749 5.1).
fn private_json(status: StatusCode, body: &Value) -> Response {
    private((status, Json(body)).into_response())
}

/// Any response, with the headers of one that nobody may keep.
fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

fn number_header(number: i64) -> HeaderValue {
    HeaderValue::from(number.max(0))
}
