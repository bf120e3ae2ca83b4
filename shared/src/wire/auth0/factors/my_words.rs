//! Every refusal in the words of the My Account API (RFC 9457).

use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::Response;
use serde_json::{Value, json};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::domain::accounts::refusals::account_refusal::AccountRefusal;
use crate::domain::accounts::refusals::connection_refusal::ConnectionRefusal;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::refusal::Refusal;
use crate::domain::{Dialect, Timestamp};
use crate::wire::auth0::accounts::words::password_problem;
use crate::wire::auth0::refusal::{auth0_answer as plain_answer, words};
use crate::wire::{Fault, Shape, Wording, Words, private_json};

/// The words of `/me/v1/…`.
pub const MY_ACCOUNT_WORDS: Words = Words {
    dialect: Dialect::Auth0,
    shape: Shape::Auth0MyAccount,
    refusal: answer,
    fault: Fault::Json(fault),
};

fn answer(refusal: &Refusal, now: Timestamp) -> Response {
    let told = words(refusal);
    let mut body = problem(told.status, told.error, &told.sentence);
    if let Some((field, detail)) = refused_parameter(refusal) {
        body["validation_errors"] = json!([{ "field": field, "detail": detail }]);
    }
    let mut response = private_json(told.status, &body);
    // The challenge of a 401, and the time to wait.
    let plain = plain_answer(refusal, now);
    let own = [CONTENT_TYPE, CONTENT_LENGTH];
    for (name, value) in plain.headers() {
        if !own.contains(name) {
            response.headers_mut().insert(name.clone(), value.clone());
        }
    }
    response
}

/// The parameter that is refused, and what is wrong with the parameter.
fn refused_parameter(refusal: &Refusal) -> Option<(&'static str, &'static str)> {
    match refusal {
        Refusal::ParameterMissing(name) => Some((name, "required")),
        Refusal::ParameterMisnamed(name) => Some((name, "misnamed")),
        Refusal::ParameterInvalid { name, problem } => Some((name, problem)),
        Refusal::Connection(ConnectionRefusal::ConnectionUnknown) => {
            Some(("connection", "unknown"))
        }
        Refusal::Account(AccountRefusal::PasswordRejected(problem)) => {
            Some(("new_password", password_problem(*problem)))
        }
        Refusal::Enrolment(EnrolmentRefusal::EnrolmentMissing) => Some((
            "auth_session",
            "not of this method and this session, or expired",
        )),
        _ => None,
    }
}

fn fault(said: &Wording) -> Value {
    problem(said.status, said.error, &said.sentence)
}

fn problem(status: StatusCode, error: &str, sentence: &str) -> Value {
    json!({
        "type": error,
        "status": status.as_u16(),
        "title": status.canonical_reason().unwrap_or("Error"),
        "detail": sentence,
    })
}

/// A time in UTC (RFC 3339).
pub(in crate::wire::auth0) fn when(at: Timestamp) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = at.to_calendar_date();
    let (hour, minute, second) = at.to_hms();
    let month = u8::from(month);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// A refusal or a fault.
#[derive(ToSchema)]
pub struct Auth0Problem {
    /// The error code that the other calls give as `error`.
    #[schema(rename = "type", example = "invalid_token")]
    pub kind: String,
    /// The status.
    pub status: i32,
    /// The status in words.
    pub title: String,
    /// What went wrong.
    pub detail: String,
    /// The parameters that are refused.
    #[schema(nullable = false)]
    pub validation_errors: Option<Vec<Auth0ProblemField>>,
}

/// A refused parameter.
#[derive(ToSchema)]
pub struct Auth0ProblemField {
    /// Its name.
    pub field: String,
    /// What is wrong.
    pub detail: String,
}
