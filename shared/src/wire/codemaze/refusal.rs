//! Every refusal in CodeMaze's words. The login answers with an `AuthResponseDto`.
//! Registration and reset answer with an object that has `errors`, because the client
//! reads `errors` there. Every other call answers with plain text, because the client
//! shows `error.error` unchanged. A malformed request gets problem+json (RFC 9457).

use std::collections::BTreeMap;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::domain::accounts::refusals::account_refusal::{AccountRefusal, TakenName};
use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::refusal::{Refusal, Wait};
use crate::domain::{Dialect, Timestamp};
use crate::wire::fields::Fields;
use crate::wire::identity::password_words;
use crate::wire::{Fault, Shape, Words, number_header, private, private_json};

/// For a user who needs a second factor and has none.
pub(super) const ENROL_FIRST: &str = "Set up an authenticator app first, on the page /auth/two-factor of the sign-in \
    service.";

/// The words of `/api/accounts/login`.
pub const LOGIN_WORDS: Words = Words {
    dialect: Dialect::CodeMaze,
    shape: Shape::CodeMazeLogin,
    refusal: login_answer,
    fault: Fault::Json(|said| auth_response(Some(&said.sentence), None, None)),
};

/// The words of `/api/accounts/registration`.
pub const REGISTRATION_WORDS: Words = Words {
    dialect: Dialect::CodeMaze,
    shape: Shape::CodeMazeRegistration,
    refusal: registration_answer,
    fault: Fault::Json(|said| registration_response(&said.sentence)),
};

/// The words of `/api/accounts/resetpassword`.
pub const RESET_WORDS: Words = Words {
    dialect: Dialect::CodeMaze,
    shape: Shape::CodeMazeReset,
    refusal: reset_answer,
    fault: Fault::Json(|said| json!({ "errors": [said.sentence] })),
};

/// The words of every other path.
pub const TEXT_WORDS: Words = Words {
    dialect: Dialect::CodeMaze,
    shape: Shape::CodeMazeText,
    refusal: text_answer,
    fault: Fault::Json(|said| json!(said.sentence)),
};

/// An `AuthResponseDto` with the error, the token, or the provider whose code is
/// needed.
pub fn auth_response(error: Option<&str>, token: Option<&str>, provider: Option<&str>) -> Value {
    json!({
        "isAuthSuccessful": token.is_some(),
        "errorMessage": error,
        "token": token,
        "is2StepVerificationRequired": provider.is_some(),
        "provider": provider,
    })
}

/// 400 problem+json. Each problem is a field's name in the request and what is wrong
/// with the field.
pub fn validation_problem(problems: &[(&str, String)]) -> Response {
    let mut errors = Map::new();
    for (field, problem) in problems {
        let all = errors
            .entry(pascal_case(field))
            .or_insert_with(|| json!([]));
        if let Value::Array(all) = all {
            all.push(json!(problem));
        }
    }
    let body = json!({
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "status": 400,
        "errors": errors,
    });
    let kind = HeaderValue::from_static("application/problem+json; charset=utf-8");
    let mut response = private_json(StatusCode::BAD_REQUEST, &body);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// A problem for each required field that is missing.
pub fn missing_problems<'a>(fields: &Fields, required: &[&'a str]) -> Vec<(&'a str, String)> {
    required
        .iter()
        .filter(|name| fields.get_any_case(name).is_none())
        .map(|name| (*name, format!("{} is required.", pascal_case(name))))
        .collect()
}

/// The problem of a `confirmPassword` that differs from `password`.
pub fn passwords_differ(fields: &Fields) -> Option<(&'static str, String)> {
    let same = fields.get_any_case("password") == fields.get_any_case("confirmPassword");
    let problem = "The password and confirmation password do not match.";
    (!same).then(|| ("confirmPassword", problem.to_owned()))
}

fn registration_response(error: &str) -> Value {
    json!({ "isSuccessfulRegistration": false, "errors": [error] })
}

/// A field's name as ASP.NET Core writes it in a problem: `email` becomes `Email`.
fn pascal_case(field: &str) -> String {
    let mut characters = field.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// A refusal in CodeMaze's words.
struct CodeMazeWording {
    status: StatusCode,
    sentence: &'static str,
}

impl CodeMazeWording {
    fn of(status: StatusCode, sentence: &'static str) -> Self {
        Self { status, sentence }
    }
}

/// Status and sentence of a refusal at the login.
fn at_login(refusal: &Refusal) -> CodeMazeWording {
    const REFUSED: StatusCode = StatusCode::UNAUTHORIZED;
    match refusal {
        Refusal::PasswordsExhausted { .. }
        | Refusal::CodesExhausted { .. }
        | Refusal::CodesClosed => CodeMazeWording::of(REFUSED, "The account is locked out"),
        Refusal::FactorUnknown => {
            CodeMazeWording::of(REFUSED, "Invalid 2-Step Verification Provider.")
        }
        Refusal::AccountInactive => CodeMazeWording::of(REFUSED, "The account is inactive"),
        Refusal::SendTooSoon { .. } => CodeMazeWording::of(
            StatusCode::TOO_MANY_REQUESTS,
            "A code was sent already. Please wait a while and try again.",
        ),
        Refusal::SendsExhausted { .. } => CodeMazeWording::of(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many codes were sent. Please wait a while and try again.",
        ),
        Refusal::NetworkExhausted { .. } | Refusal::RequestsExhausted { .. } => {
            CodeMazeWording::of(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many requests. Please wait a while and try again.",
            )
        }
        Refusal::DeliveryFailed { .. } => CodeMazeWording::of(
            StatusCode::SERVICE_UNAVAILABLE,
            "The code could not be sent. Please try again.",
        ),
        Refusal::BodyTooLarge => {
            CodeMazeWording::of(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.")
        }
        Refusal::RouteUnknown => CodeMazeWording::of(StatusCode::NOT_FOUND, "Not found."),
        Refusal::MethodNotAllowed => {
            CodeMazeWording::of(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed.")
        }
        Refusal::CredentialsWrong
        | Refusal::ParameterMissing(_)
        | Refusal::ParameterMisnamed(_)
        | Refusal::RequestMalformed(_)
        | Refusal::ParameterInvalid { .. }
        | Refusal::ClientRejected { .. }
        | Refusal::GrantNotAllowed
        | Refusal::ScopeNotAllowed(_)
        | Refusal::AudienceNotAllowed(_)
        | Refusal::LoginTokenMalformed
        | Refusal::LoginExpired
        | Refusal::CodeMissing(_)
        | Refusal::CodeWrong(_)
        | Refusal::AccessTokenInvalid
        | Refusal::AccessTokenMissing
        | Refusal::ScopeInsufficient
        | Refusal::Administration(_)
        | Refusal::Connection(_)
        | Refusal::Enrolment(_)
        | Refusal::Page(_)
        | Refusal::Account(_)
        | Refusal::Action(_)
        | Refusal::Profile(_)
        | Refusal::Proof(_)
        | Refusal::Token(_) => CodeMazeWording::of(REFUSED, "Invalid Authentication"),
    }
}

fn login_answer(refusal: &Refusal, now: Timestamp) -> Response {
    if let Some(problem) = malformed(refusal) {
        return problem;
    }
    let CodeMazeWording { status, sentence } = at_login(refusal);
    let response = private_json(status, &auth_response(Some(sentence), None, None));
    with_wait(response, refusal, now)
}

fn text_answer(refusal: &Refusal, now: Timestamp) -> Response {
    if let Some(problem) = malformed(refusal) {
        return problem;
    }
    let CodeMazeWording { status, sentence } = in_text(refusal);
    with_wait(private((status, sentence).into_response()), refusal, now)
}

fn in_text(refusal: &Refusal) -> CodeMazeWording {
    if let Some(told) = otherwise(refusal) {
        return told;
    }
    let said = at_login(refusal);
    if said.status == StatusCode::UNAUTHORIZED {
        CodeMazeWording::of(StatusCode::BAD_REQUEST, "Invalid Request")
    } else {
        said
    }
}

fn registration_answer(refusal: &Refusal, now: Timestamp) -> Response {
    with_errors(refusal, now, registration_response)
}

fn reset_answer(refusal: &Refusal, now: Timestamp) -> Response {
    with_errors(refusal, now, |error| json!({ "errors": [error] }))
}

/// An object with `errors`, in the words of ASP.NET Core Identity.
fn with_errors(refusal: &Refusal, now: Timestamp, body: fn(&str) -> Value) -> Response {
    if let Some(problem) = malformed(refusal) {
        return problem;
    }
    let response = match identity_error(refusal) {
        Some(error) => private_json(StatusCode::BAD_REQUEST, &body(&error)),
        None => {
            let CodeMazeWording { status, sentence } = in_text(refusal);
            private_json(status, &body(sentence))
        }
    };
    with_wait(response, refusal, now)
}

/// ASP.NET Core Identity's sentence for a refusal, if Identity has one.
fn identity_error(refusal: &Refusal) -> Option<String> {
    if let Refusal::Account(refusal) = refusal {
        return Some(account_error(refusal));
    }
    if let Refusal::Action(ActionRefusal::ActionTokenInvalid) = refusal {
        return Some("Invalid token.".to_owned());
    }
    None
}

fn account_error(refusal: &AccountRefusal) -> String {
    match refusal {
        AccountRefusal::PasswordRejected(problem) => password_words(*problem),
        AccountRefusal::SignUpClosed => "Registration is closed.".to_owned(),
        AccountRefusal::NameTaken(TakenName::UserName(name)) => {
            format!("Username '{name}' is already taken.")
        }
        AccountRefusal::NameTaken(TakenName::Email(email)) => {
            format!("Email '{email}' is already taken.")
        }
        AccountRefusal::NameInvalid(TakenName::UserName(name)) => {
            format!("Username '{name}' is invalid, can only contain letters or digits.")
        }
        AccountRefusal::NameInvalid(TakenName::Email(email)) => {
            format!("Email '{email}' is invalid.")
        }
    }
}

/// The refusals for which the plain-text answer differs from the login's answer.
fn otherwise(refusal: &Refusal) -> Option<CodeMazeWording> {
    // A wrong code, an expired login, a used code and an unknown user get the same
    // answer.
    if let Refusal::CodeWrong(_) | Refusal::LoginExpired | Refusal::FactorUnknown = refusal {
        return Some(CodeMazeWording::of(
            StatusCode::BAD_REQUEST,
            "Invalid Token Verification",
        ));
    }
    if let Refusal::Action(ActionRefusal::ActionTokenInvalid) = refusal {
        let told = "Invalid Email Confirmation Request";
        return Some(CodeMazeWording::of(StatusCode::BAD_REQUEST, told));
    }
    if let Refusal::CodesExhausted { .. } | Refusal::CodesClosed = refusal {
        return Some(CodeMazeWording::of(
            StatusCode::TOO_MANY_REQUESTS,
            "The account is locked out",
        ));
    }
    None
}

fn malformed(refusal: &Refusal) -> Option<Response> {
    if let Refusal::ParameterMissing(name) = refusal {
        let problem = format!("{} is required.", pascal_case(name));
        return Some(validation_problem(&[(name, problem)]));
    }
    if let Refusal::ParameterMisnamed(name) = refusal {
        let problem = format!("Write the name of this parameter exactly so: {name}");
        return Some(validation_problem(&[(name, problem)]));
    }
    if let Refusal::RequestMalformed(problem) | Refusal::ParameterInvalid { problem, .. } = refusal
    {
        return Some(validation_problem(&[("", (*problem).to_owned())]));
    }
    None
}

fn with_wait(mut response: Response, refusal: &Refusal, now: Timestamp) -> Response {
    if let Some(Wait { retry_at, .. }) = refusal.wait(now) {
        let seconds = number_header((retry_at - now).max(1));
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

/// What is wrong with a request's form (RFC 9457), as ASP.NET Core writes it.
#[derive(ToSchema)]
pub struct CodeMazeProblem {
    /// Where the class of problem is explained.
    #[schema(rename = "type")]
    pub kind: String,
    /// `One or more validation errors occurred.`
    pub title: String,
    /// 400.
    pub status: i32,
    /// By field: what is wrong with it.
    pub errors: BTreeMap<String, Vec<String>>,
}

/// Why the password stays as it was.
#[derive(ToSchema)]
pub struct CodeMazeErrors {
    /// Sentences for the user.
    pub errors: Vec<String>,
}
