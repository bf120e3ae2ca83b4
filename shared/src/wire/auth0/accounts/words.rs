//! Every refusal in the words of `/dbconnections/…` and `/passwordless/…`. Auth0's SDKs read some of these
//! members or others: `code` and `description`, or `error` and `error_description`. They
//! tell the problems of a password apart by `name`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::accounts::password_policy::PasswordProblem;
use crate::domain::accounts::refusals::account_refusal::AccountRefusal;
use crate::domain::accounts::refusals::connection_refusal::ConnectionRefusal;
use crate::domain::refusal::Refusal;
use crate::domain::{Dialect, Timestamp};
use crate::wire::auth0::refusal::{WORDS, auth0_answer as plain_answer, limits, words};
use crate::wire::{Fault, Shape, Wording, Words, private_json};

/// The words of `/dbconnections/…`.
pub const DATABASE_WORDS: Words = Words {
    dialect: Dialect::Auth0,
    shape: Shape::Auth0Database,
    refusal: answer,
    fault: Fault::Json(fault),
};

/// The words of `/otp/challenge`, which also name the parameter that is refused.
pub const OTP_WORDS: Words = Words {
    refusal: otp_answer,
    ..WORDS
};

fn otp_answer(refusal: &Refusal, now: Timestamp) -> Response {
    let wrong = |field: &str, message| json!({ "field": field, "message": message });
    let problem = match refusal {
        Refusal::ParameterMissing(name) => wrong(name, "required"),
        Refusal::ParameterMisnamed(name) => wrong(name, "misnamed"),
        Refusal::ParameterInvalid { name, problem } => wrong(name, problem),
        Refusal::Account(AccountRefusal::NameInvalid(_)) => wrong("email", "invalid format"),
        Refusal::Connection(ConnectionRefusal::NumberInvalid) => {
            wrong("phone_number", "invalid format")
        }
        Refusal::Connection(ConnectionRefusal::NumberUnreachable) => {
            wrong("phone_number", "country not supported")
        }
        _ => return plain_answer(refusal, now),
    };
    let sentence = match refusal {
        Refusal::Account(AccountRefusal::NameInvalid(_)) => "Invalid request.".to_owned(),
        _ => words(refusal).sentence,
    };
    let body = json!({
        "error": "invalid_request",
        "error_description": sentence,
        "validation_errors": [problem],
    });
    private_json(StatusCode::BAD_REQUEST, &body)
}

/// The words of `/passwordless/start`. Auth0's SDKs compare other codes there.
pub const PASSWORDLESS_WORDS: Words = Words {
    refusal: passwordless_answer,
    ..DATABASE_WORDS
};

fn passwordless_answer(refusal: &Refusal, now: Timestamp) -> Response {
    let status = StatusCode::BAD_REQUEST;
    let bad = |code, sentence| DatabaseRefusal {
        status,
        code,
        name: name_of(status),
        sentence,
    };
    let refused = match refusal {
        Refusal::Connection(ConnectionRefusal::ConnectionUnknown) => {
            bad("bad.connection", "Connection does not exist")
        }
        Refusal::Account(AccountRefusal::NameInvalid(_)) => bad(
            "bad.email",
            "error in email - email format validation failed",
        ),
        Refusal::Connection(ConnectionRefusal::NumberInvalid) => bad(
            "bad.phone_number",
            "error in phone_number - phone number format validation failed",
        ),
        Refusal::Connection(ConnectionRefusal::NumberUnreachable) => bad(
            "bad.phone_number",
            "error in phone_number - text messages are not sent to this country",
        ),
        _ => return answer(refusal, now),
    };
    private_json(status, &members(&refused))
}

fn answer(refusal: &Refusal, now: Timestamp) -> Response {
    let Wording {
        status,
        error,
        sentence,
    } = words(refusal);
    let told = match refusal {
        Refusal::Account(AccountRefusal::PasswordRejected(problem)) => password(*problem),
        _ => NamedProblem {
            name: name_of(status),
            sentence: &sentence,
        },
    };
    let mut body = members(&DatabaseRefusal {
        status,
        code: error,
        name: told.name,
        sentence: told.sentence,
    });
    if let Refusal::Account(AccountRefusal::PasswordRejected(problem)) = refusal
        && let Some(policy) = policy(*problem)
    {
        body["policy"] = json!(policy);
    }
    let mut response = private_json(status, &body);
    for (name, value) in limits(refusal, now) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// What the members of an answer say.
struct DatabaseRefusal<'a> {
    status: StatusCode,
    code: &'a str,
    name: &'a str,
    sentence: &'a str,
}

fn members(refused: &DatabaseRefusal<'_>) -> Value {
    let DatabaseRefusal {
        status,
        code,
        name,
        sentence,
    } = *refused;
    json!({
        "name": name,
        "code": code,
        "description": sentence,
        "statusCode": status.as_u16(),
        "error": code,
        "error_description": sentence,
    })
}

fn fault(said: &Wording) -> Value {
    members(&DatabaseRefusal {
        status: said.status,
        code: said.error,
        name: name_of(said.status),
        sentence: &said.sentence,
    })
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

/// What tells problems apart. Auth0's SDKs compare the name.
struct NamedProblem<'a> {
    name: &'static str,
    sentence: &'a str,
}

/// The name and the sentence of a problem of a password.
fn password(problem: PasswordProblem) -> NamedProblem<'static> {
    let says = |name, sentence| NamedProblem { name, sentence };
    match problem {
        PasswordProblem::TooShort { .. } => says("PasswordStrengthError", "Password is too weak"),
        PasswordProblem::TooLong { .. } => says("PasswordStrengthError", "Password is too long"),
        PasswordProblem::Common => says("PasswordDictionaryError", "Password is too common"),
        PasswordProblem::OwnName => says(
            "PasswordNoUserInfoError",
            "Password contains user information",
        ),
        PasswordProblem::Unchanged => {
            says("PasswordHistoryError", "Password has previously been used")
        }
    }
}

/// What is wrong with a password.
pub(in crate::wire::auth0) fn password_problem(problem: PasswordProblem) -> &'static str {
    password(problem).sentence
}

/// How long a password has to be, if its length is the problem.
fn policy(problem: PasswordProblem) -> Option<String> {
    match problem {
        PasswordProblem::TooShort { minimum } => {
            Some(format!("At least {minimum} characters in length"))
        }
        PasswordProblem::TooLong { maximum } => Some(format!("At most {maximum} bytes in length")),
        PasswordProblem::Common | PasswordProblem::OwnName | PasswordProblem::Unchanged => None,
    }
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
