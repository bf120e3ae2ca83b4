//! The wire layer: from bytes to a use case, and from its result to bytes. Each dialect
//! has a folder.
//!
//! A handler reads its input, calls one use case, and writes the answer in the
//! words of its dialect. Each dialect matches `Refusal` without `_`.
//!
//! The types beside a handler document the route's parameters and answers for OpenAPI.
//! Handlers themselves read `Fields` and write `json!`. The tests check every answer
//! against these types.

pub mod abp;
pub mod aidbox;
pub mod auth0;
pub mod codemaze;
pub mod credentials;
pub mod delivery_report;
mod documented_fields;
mod field_names;
mod field_types;
pub mod fields;
pub mod grant_types;
pub mod grants;
pub mod identity;
pub mod input;
pub mod key_proof;
pub mod log;
pub mod multipart;
pub mod oauth;
pub mod task;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, PRAGMA, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::domain::events::reason::Reason;
use crate::domain::events::verdict::Verdict;
use crate::domain::login::next_step::NextStep;
use crate::domain::refusal::Refusal;
use crate::domain::refused_value::Refused;
use crate::domain::{Dialect, Timestamp};
use crate::failure::{Broken, Failure};

/// How an endpoint words its refusals. A dialect may have several `Words`.
pub struct Words {
    /// The dialect of these words.
    pub dialect: Dialect,
    /// The form of the bodies.
    pub shape: Shape,
    /// Makes the response for a refusal.
    refusal: fn(&Refusal, Timestamp) -> Response,
    /// How a fault is answered.
    fault: Fault,
}

/// A refusal in the words of a dialect.
struct Wording {
    /// The status of the answer.
    status: StatusCode,
    error: &'static str,
    /// The sentence for the caller.
    sentence: String,
}

impl Wording {
    fn new(status: StatusCode, error: &'static str, sentence: &str) -> Self {
        Self {
            status,
            error,
            sentence: sentence.to_owned(),
        }
    }
}

/// How a fault is answered.
enum Fault {
    /// With JSON.
    Json(fn(&Wording) -> Value),
    /// With JSON and a header that marks the body as the dialect's.
    Marked(fn(&Wording) -> Value, fn(Response) -> Response),
    /// With a page that shows a sentence.
    Page(fn(StatusCode, &str) -> Response),
}

/// The form of the bodies of refusals and faults. `openapi.rs` documents each shape,
/// and a test checks the answers against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `{error, error_description}`.
    Auth0,
    /// The same with `code`, `description`, `name` and `statusCode`.
    Auth0Database,
    /// `{type, status, title, detail}` (RFC 9457).
    Auth0MyAccount,
    /// The form of OpenIddict, with `error_uri` and the members for the next step.
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
    /// `{error, error_description}`, with status 422 for refusals of the two-factor
    /// calls.
    AidboxTwoFactor,
    AidboxPage,
}

/// What the log learns from a response.
#[derive(Clone, Debug)]
pub enum Outcome {
    Refused {
        reason: Reason,
        /// The refused part of the request, if there is one.
        part: Option<String>,
        /// What the refusal says of the event of the request.
        verdict: Verdict,
    },
    /// A fault: its cause, without secrets.
    Broken(String),
}

impl Outcome {
    /// What the log learns of a refusal.
    pub fn of(refusal: &Refusal) -> Self {
        Self::Refused {
            reason: Reason::of(refusal),
            part: refusal.refused_value().map(Refused::text),
            verdict: Verdict::of(refusal),
        }
    }
}

/// After how many seconds a caller may retry when a dependency is down.
const RETRY_SECONDS: i64 = 2;

/// The response for a failure in these words. `now` is in seconds since the Unix epoch.
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

/// Adds the next step's name to the response, for the log.
fn for_next_step(mut response: Response, next: &NextStep) -> Response {
    let outcome = Outcome::Refused {
        reason: Reason::of_next_step(next),
        part: None,
        verdict: Verdict::of_next_step(next),
    };
    response.extensions_mut().insert(outcome);
    response
}

/// The response for a fault. The caller does not learn the cause. The request id is in
/// a header.
fn server_error(words: &Words, broken: &Broken) -> Response {
    let said = if broken.transient {
        Wording::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "temporarily_unavailable",
            "The service is unavailable. Please try again.",
        )
    } else {
        Wording::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "The service failed to answer this request.",
        )
    };
    let mut response = match words.fault {
        Fault::Json(body) => private_json(said.status, &body(&said)),
        Fault::Marked(body, mark) => mark(private_json(said.status, &body(&said))),
        Fault::Page(page) => page(said.status, &said.sentence),
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

/// JSON with headers that forbid caching (RFC 6749 5.1).
fn private_json(status: StatusCode, body: &Value) -> Response {
    private((status, Json(body)).into_response())
}

/// Adds the headers that forbid caching.
fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

fn number_header(number: i64) -> HeaderValue {
    HeaderValue::from(number.max(0))
}
