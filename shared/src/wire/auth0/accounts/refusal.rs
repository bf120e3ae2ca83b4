//! Every refusal in the words of `/dbconnections/…`. Auth0's SDKs read some of these
//! members or others: `code` and `description`, or `error` and `error_description`. They
//! tell the problems of a password apart by `name`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::accounts::password_policy::PasswordProblem;
use crate::domain::refusal::Refusal;
use crate::domain::{Dialect, Timestamp};
use crate::wire::auth0::refusal::{limits, words};
use crate::wire::{Fault, Shape, Wording, Words, private_json};

/// The words of `/dbconnections/…`.
pub const DATABASE_WORDS: Words = Words {
    dialect: Dialect::Auth0,
    shape: Shape::Auth0Database,
    refusal: answer,
    fault: Fault::Json(fault),
};

/// The response for a refusal.
fn answer(refusal: &Refusal, now: Timestamp) -> Response {
    let Wording {
        status,
        error,
        sentence,
    } = words(refusal);
    let (name, sentence, policy) = match refusal {
        Refusal::PasswordRejected(problem) => password(*problem),
        _ => (name_of(status), sentence, None),
    };
    let mut body = members(status, (error, name, &sentence));
    if let Some(policy) = policy {
        body["policy"] = json!(policy);
    }
    let mut response = private_json(status, &body);
    for (name, value) in limits(refusal, now) {
        response.headers_mut().insert(name, value);
    }
    response
}

fn members(status: StatusCode, (code, name, sentence): (&str, &str, &str)) -> Value {
    json!({
        "name": name,
        "code": code,
        "description": sentence,
        "statusCode": status.as_u16(),
        "error": code,
        "error_description": sentence,
    })
}

fn fault(error: &str, sentence: &str) -> Value {
    let status = match error {
        "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    members(status, (error, name_of(status), sentence))
}

fn name_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "BadRequestError",
        StatusCode::UNAUTHORIZED => "UnauthorizedError",
        StatusCode::FORBIDDEN => "ForbiddenError",
        StatusCode::NOT_FOUND => "NotFoundError",
        StatusCode::TOO_MANY_REQUESTS => "TooManyRequestsError",
        _ => "Error",
    }
}

/// The name and the sentence of a problem, and what the password must be. Auth0's SDKs
/// compare the name.
fn password(problem: PasswordProblem) -> (&'static str, String, Option<String>) {
    let (name, sentence, policy) = match problem {
        PasswordProblem::TooShort { minimum } => (
            "PasswordStrengthError",
            "Password is too weak",
            Some(format!("At least {minimum} characters in length")),
        ),
        PasswordProblem::TooLong { maximum } => (
            "PasswordStrengthError",
            "Password is too long",
            Some(format!("At most {maximum} bytes in length")),
        ),
        PasswordProblem::Common => ("PasswordDictionaryError", "Password is too common", None),
        PasswordProblem::OwnName => (
            "PasswordNoUserInfoError",
            "Password contains user information",
            None,
        ),
        PasswordProblem::Unchanged => (
            "PasswordHistoryError",
            "Password has previously been used",
            None,
        ),
    };
    (name, sentence.to_owned(), policy)
}

/// A refusal or a fault of `/dbconnections/…`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Auth0DatabaseError {
    /// The class of the error. With `invalid_password`, what is wrong with the password:
    /// `PasswordStrengthError`, `PasswordDictionaryError` or `PasswordNoUserInfoError`.
    #[schema(example = "PasswordStrengthError")]
    pub name: String,
    /// What class of error it is, as in `error`.
    #[schema(example = "invalid_password")]
    pub code: String,
    /// What went wrong, as in `error_description`.
    #[schema(example = "Password is too weak")]
    pub description: String,
    /// The status.
    pub status_code: u16,
    #[schema(example = "invalid_password")]
    pub error: String,
    #[schema(rename = "error_description", example = "Password is too weak")]
    pub error_description: String,
    /// With a password that is too short or too long: how long it has to be.
    #[schema(nullable = false)]
    pub policy: Option<String>,
}
