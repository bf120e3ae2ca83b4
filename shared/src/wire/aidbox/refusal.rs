//! Every refusal in Aidbox's words: `{"error", "error_description"}`. The two-factor
//! calls answer 422, as Aidbox does. The token endpoint answers 400, as RFC 6749 says.

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::{Factor, Method};
use crate::domain::refusal::{Refusal, Wait};
use crate::domain::{Dialect, Timestamp};
use crate::wire::key_proof::{proof_challenge, proof_words};
use crate::wire::{Fault, Shape, Wording, Words, number_header, private_json};

/// The words of every JSON path except the two-factor calls.
pub const JSON_WORDS: Words = Words {
    dialect: Dialect::Aidbox,
    shape: Shape::Aidbox,
    refusal: |refusal, now| answer(refusal, json_words(refusal), now),
    fault: Fault::Json(|said| fault(said.error, &said.sentence)),
};

/// The words of `…/two-factor/request`, `/confirm` and `/disable`.
pub const TWO_FACTOR_WORDS: Words = Words {
    dialect: Dialect::Aidbox,
    shape: Shape::AidboxTwoFactor,
    refusal: |refusal, now| {
        let words = at_two_factor(refusal).unwrap_or_else(|| json_words(refusal));
        answer(refusal, words, now)
    },
    fault: Fault::Json(|said| fault(said.error, &said.sentence)),
};

/// For a user who needs a second factor and has none.
pub(super) const ENROL_FIRST: &str = "2FA has to be enabled first, on the page /auth/two-factor";

/// For a login that waits for a code. Aidbox calls the code a token.
pub(super) const TOKEN_REQUIRED: &str = "2FA token is required";

pub(super) fn fault(error: &str, sentence: &str) -> Value {
    json!({ "error": error, "error_description": sentence })
}

/// The refusals that the two-factor calls word differently.
fn at_two_factor(refusal: &Refusal) -> Option<Wording> {
    let said = |error, sentence: &str| {
        Some(Wording {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            error,
            sentence: sentence.to_owned(),
        })
    };
    if let Refusal::LoginExpired = refusal {
        return said("not_requested", "2FA is not requested");
    }
    if let Refusal::CodeWrong(_) = refusal {
        return said("wrong_token", "Wrong token");
    }
    None
}

fn json_words(refusal: &Refusal) -> Wording {
    const BAD: StatusCode = StatusCode::BAD_REQUEST;
    const NO: StatusCode = StatusCode::FORBIDDEN;
    const WHO: StatusCode = StatusCode::UNAUTHORIZED;
    const MANY: StatusCode = StatusCode::TOO_MANY_REQUESTS;
    const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    let bad = |sentence| Wording {
        status: BAD,
        error: "invalid_request",
        sentence,
    };
    let said = match refusal {
        Refusal::ParameterMissing(name) => {
            return bad(format!("Missing required parameter: {name}"));
        }
        Refusal::ParameterMisnamed(name) => {
            return bad(format!(
                "Write the name of this parameter exactly so: {name}"
            ));
        }
        Refusal::RequestMalformed(problem) | Refusal::ParameterInvalid { problem, .. } => {
            Wording::new(BAD, "invalid_request", problem)
        }
        Refusal::BodyTooLarge => Wording::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "invalid_request",
            "The body is too large",
        ),
        // Accounts are made and looked after on the pages only, and no call is an
        // administrator's.
        Refusal::RouteUnknown
        | Refusal::Account(_)
        | Refusal::Action(_)
        | Refusal::Administration(_)
        | Refusal::Connection(_)
        | Refusal::Profile(_) => Wording::new(StatusCode::NOT_FOUND, "not_found", "Not found"),
        Refusal::MethodNotAllowed => Wording::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "invalid_request",
            "Method not allowed",
        ),
        Refusal::ClientRejected { .. } => {
            Wording::new(WHO, "invalid_client", "Client authentication failed")
        }
        Refusal::GrantNotAllowed => Wording::new(
            BAD,
            "unauthorized_client",
            "Grant type not allowed for the client",
        ),
        Refusal::ScopeNotAllowed(_) => Wording::new(
            BAD,
            "invalid_scope",
            "The client may not ask for one of these scopes",
        ),
        Refusal::AudienceNotAllowed(_) => Wording::new(
            BAD,
            "invalid_target",
            "The client may not ask for this audience",
        ),
        Refusal::CredentialsWrong => Wording::new(BAD, "invalid_grant", "Wrong user or password"),
        Refusal::PasswordsExhausted { .. }
        | Refusal::CodesExhausted { .. }
        | Refusal::CodesClosed => {
            Wording::new(MANY, "too_many_attempts", "Too many attempts. Please wait")
        }
        Refusal::AccountInactive => Wording::new(BAD, "invalid_grant", "User is inactive"),
        Refusal::LoginTokenMalformed | Refusal::LoginExpired | Refusal::CodeMissing(_) => {
            Wording::new(BAD, "invalid_grant", TOKEN_REQUIRED)
        }
        Refusal::CodeWrong(_) => Wording::new(BAD, "invalid_grant", "Wrong token"),
        Refusal::FactorUnknown => {
            Wording::new(UNPROCESSABLE, "unknown_transport", "Unknown 2FA transport")
        }
        Refusal::SendTooSoon { .. } => Wording::new(
            MANY,
            "too_many_attempts",
            "A token was sent already. Please wait",
        ),
        Refusal::SendsExhausted { .. } => Wording::new(
            MANY,
            "too_many_attempts",
            "Too many tokens were sent. Please wait",
        ),
        Refusal::DeliveryFailed { .. } => Wording::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "delivery_failed",
            "The 2FA token could not be sent. Try again, or use another transport",
        ),
        Refusal::Token(refusal) => return token_words(refusal),
        Refusal::Proof(refusal) => return proof_words(*refusal),
        Refusal::AccessTokenInvalid => Wording::new(
            WHO,
            "invalid_token",
            "The access token is invalid or expired",
        ),
        Refusal::AccessTokenMissing => {
            Wording::new(WHO, "invalid_token", "The access token is missing")
        }
        Refusal::ScopeInsufficient => {
            Wording::new(NO, "insufficient_scope", "The access token lacks the scope")
        }
        Refusal::NetworkExhausted { .. } | Refusal::RequestsExhausted { .. } => {
            Wording::new(MANY, "too_many_requests", "Too many requests. Please wait")
        }
        Refusal::Enrolment(refusal) => return enrolment_words(refusal),
        Refusal::Page(_) => Wording::new(WHO, "login_required", "Nobody is signed in"),
    };
    Wording {
        sentence: refusal.sentence(&said.sentence),
        ..said
    }
}

fn token_words(refusal: &TokenRefusal) -> Wording {
    let bad = |sentence| Wording::new(StatusCode::BAD_REQUEST, "invalid_grant", sentence);
    match refusal {
        TokenRefusal::GrantUnsupported => Wording::new(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "Unsupported grant type",
        ),
        TokenRefusal::AuthorizationCodeInvalid => bad("Wrong code"),
        TokenRefusal::RefreshTokenInvalid
        | TokenRefusal::RefreshTokenEnded
        | TokenRefusal::RefreshTokenReused
        | TokenRefusal::RefreshUserInactive => bad("Wrong refresh token"),
        TokenRefusal::StepUpImpossible => insufficient(),
    }
}

/// For a session that has not shown what the call demands.
fn insufficient() -> Wording {
    Wording::new(
        StatusCode::UNAUTHORIZED,
        "insufficient_user_authentication",
        "Log in again with the strongest 2FA token",
    )
}

fn enrolment_words(refusal: &EnrolmentRefusal) -> Wording {
    const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    match refusal {
        EnrolmentRefusal::AuthenticationInsufficient => insufficient(),
        EnrolmentRefusal::FactorsMissing => {
            Wording::new(StatusCode::BAD_REQUEST, "invalid_grant", ENROL_FIRST)
        }
        EnrolmentRefusal::AddressUnconfirmed => Wording::new(
            StatusCode::BAD_REQUEST,
            "invalid_grant",
            "User is not confirmed",
        ),
        EnrolmentRefusal::AlreadyEnrolled => {
            Wording::new(UNPROCESSABLE, "already_enabled", "2FA is already enabled")
        }
        EnrolmentRefusal::FactorsFull => Wording::new(
            UNPROCESSABLE,
            "too_many_factors",
            "The user has too many factors",
        ),
        EnrolmentRefusal::FactorNotFound => {
            Wording::new(UNPROCESSABLE, "not_enabled", "2FA is not enabled")
        }
        EnrolmentRefusal::FactorKept => Wording::new(
            UNPROCESSABLE,
            "two_factor_required",
            "2FA may not be disabled",
        ),
        EnrolmentRefusal::EnrolmentMissing => {
            Wording::new(UNPROCESSABLE, "not_requested", "2FA is not requested")
        }
    }
}

fn answer(refusal: &Refusal, words: Wording, now: Timestamp) -> Response {
    let mut body = fault(words.error, &words.sentence);
    if let Some(others) = refusal.other_factors() {
        let others: Vec<&str> = others.iter().map(transport).collect();
        body["available_transports"] = json!(others);
    }
    let mut response = private_json(words.status, &body);
    let headers = response.headers_mut();
    if let Some(Wait { retry_at, .. }) = refusal.wait(now) {
        headers.insert(RETRY_AFTER, number_header((retry_at - now).max(1)));
    }
    if let Some(challenge) = challenge(refusal) {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

/// The name of a factor, as in Aidbox's `User.twoFactor.transport`.
pub fn transport(factor: &Factor) -> &'static str {
    match factor.method() {
        Method::Totp => "totp",
        Method::Email => "email",
        Method::Sms => "sms",
        Method::Webhook => "webhook",
        Method::RecoveryCode => "recovery",
        Method::Passkey => "passkey",
    }
}

/// The `WWW-Authenticate` challenge of a 401 (RFC 6749 5.2, RFC 6750 3, RFC 9470 3).
fn challenge(refusal: &Refusal) -> Option<&'static str> {
    if let Refusal::ClientRejected {
        in_header: true, ..
    } = refusal
    {
        return Some("Basic realm=\"token\"");
    }
    if let Refusal::Proof(refusal) = refusal {
        return proof_challenge(*refusal);
    }
    if *refusal == Refusal::AccessTokenInvalid {
        return Some("Bearer error=\"invalid_token\"");
    }
    if *refusal == Refusal::AccessTokenMissing {
        // RFC 6750 3.1: no error code if the request had no token.
        return Some("Bearer");
    }
    if let Refusal::Enrolment(EnrolmentRefusal::AuthenticationInsufficient)
    | Refusal::Token(TokenRefusal::StepUpImpossible) = refusal
    {
        return Some("Bearer error=\"insufficient_user_authentication\", max_age=600");
    }
    (*refusal == Refusal::ScopeInsufficient).then_some("Bearer error=\"insufficient_scope\"")
}

/// A refusal or a fault.
#[derive(ToSchema)]
pub struct AidboxError {
    /// What class of error it is.
    #[schema(example = "invalid_grant")]
    pub error: String,
    /// What went wrong.
    #[schema(example = "Wrong user or password")]
    pub error_description: String,
    /// With `delivery_failed`, and with `too_many_attempts` where too many were sent: the other ways that could complete the login.
    #[schema(nullable = false)]
    pub available_transports: Option<Vec<AidboxTransport>>,
}

/// How a token reaches its user.
#[derive(ToSchema)]
pub enum AidboxTransport {
    /// An authenticator app makes it.
    #[schema(rename = "totp")]
    Totp,
    /// By e-mail.
    #[schema(rename = "email")]
    Email,
    /// By text message.
    #[schema(rename = "sms")]
    Sms,
    /// Through the operator's webhook.
    #[schema(rename = "webhook")]
    Webhook,
    /// It is a recovery code.
    #[schema(rename = "recovery")]
    Recovery,
}
