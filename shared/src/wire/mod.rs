//! Bytes to use case and back: one dialect a folder, and what they share.
//!
//! A handler reads its input, calls one use case, and writes the answer in the
//! dialect's words. Each dialect matches `Refusal` without `_`.

pub mod auth0;
pub mod credentials;
pub mod fields;
pub mod input;
pub mod log;
pub mod oauth;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, PRAGMA, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::domain::{Dialect, Timestamp};
use crate::failure::{Broken, Failure};

/// What the log learns from a response.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The caller was told no: the refusal's name.
    Refused(&'static str),
    /// Something broke: what, without secrets.
    Broken(String),
}

/// Seconds after which a caller may try again when a part is down.
const RETRY_SECONDS: i64 = 2;

/// A failure in a dialect's words. `now` is in seconds since the Unix epoch.
pub fn failure(dialect: Dialect, failure: Failure, now: Timestamp) -> Response {
    match failure {
        Failure::Refused(refusal) => {
            let name = refusal.name();
            let mut response = match dialect {
                Dialect::Auth0 => auth0::refusal::answer(&refusal, now),
            };
            response.extensions_mut().insert(Outcome::Refused(name));
            response
        }
        Failure::Broken(broken) => server_error(dialect, &broken),
    }
}

/// Something broke: the caller learns only that. The request id is a header.
fn server_error(dialect: Dialect, broken: &Broken) -> Response {
    let status = if broken.transient {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    };
    let (error, description) = if broken.transient {
        (
            "temporarily_unavailable",
            "The service is unavailable. Please try again.",
        )
    } else {
        ("server_error", "The service failed to answer this request.")
    };
    let body = match dialect {
        Dialect::Auth0 => json!({ "error": error, "error_description": description }),
    };
    let mut response = private_json(status, &body);
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
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

fn number_header(number: i64) -> HeaderValue {
    HeaderValue::from(number.max(0))
}
