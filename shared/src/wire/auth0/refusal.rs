//! Every refusal in Auth0's words. Auth0's SDKs compare these strings exactly,
//! including the full stops.

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::accounts::refusals::account_refusal::AccountRefusal;
use crate::domain::accounts::refusals::connection_refusal::ConnectionRefusal;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::Method;
use crate::domain::refusal::{Refusal, Wait};
use crate::domain::{Dialect, Timestamp};
use crate::wire::auth0::factors::authenticator;
use crate::wire::auth0::factors::authenticator::Authenticator;
use crate::wire::key_proof::{proof_challenge, proof_words};
use crate::wire::{Fault, Shape, Wording, Words, number_header, private_json};

const BLOCKED: &str = "Your account has been blocked after multiple consecutive login attempts. \
    We've sent you a notification via your preferred contact method with instructions on how to \
    unblock it.";

const SUSPICIOUS: &str = "We have detected suspicious login behavior and further attempts will be \
    blocked. Please contact the administrator.";

/// Nobody is notified of wrong codes, so the sentence says what helps instead.
const CODES_BLOCKED: &str = "Your account has been blocked after multiple consecutive login \
    attempts. Please wait.";
const CODES_CLOSED: &str = "Your account has been blocked after multiple consecutive login \
    attempts. Use a recovery code, or reset your password.";

/// For a user who needs a second factor and has none.
pub(super) const ENROL_FIRST: &str = "User is not enrolled. You can use /mfa/associate endpoint to enroll \
    the first authenticator.";

/// The words of every Auth0 path.
pub const WORDS: Words = Words {
    dialect: Dialect::Auth0,
    shape: Shape::Auth0,
    refusal: auth0_answer,
    fault: Fault::Json(|said| json!({ "error": said.error, "error_description": said.sentence })),
};

pub(in crate::wire::auth0) fn auth0_answer(refusal: &Refusal, now: Timestamp) -> Response {
    answer_in(words(refusal), refusal, now)
}

/// The answer to this refusal, in these words.
pub(in crate::wire::auth0) fn answer_in(
    said: Wording,
    refusal: &Refusal,
    now: Timestamp,
) -> Response {
    let Wording {
        status,
        error,
        sentence,
    } = said;
    let mut body = json!({ "error": error, "error_description": sentence });
    if let Some(others) = refusal.other_factors() {
        let others: Vec<Value> = others.iter().map(authenticator::factor).collect();
        body["available_authenticators"] = json!(others);
    }
    let mut response = private_json(status, &body);
    let headers = response.headers_mut();
    for (name, value) in limits(refusal, now) {
        headers.insert(name, value);
    }
    if let Some(challenge) = challenge(refusal) {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

fn enrolment_words(refusal: &EnrolmentRefusal) -> Wording {
    const NO: StatusCode = StatusCode::FORBIDDEN;
    match refusal {
        EnrolmentRefusal::AuthenticationInsufficient => insufficient(),
        EnrolmentRefusal::FactorsMissing => {
            Wording::new(StatusCode::BAD_REQUEST, "association_required", ENROL_FIRST)
        }
        EnrolmentRefusal::AddressUnconfirmed => Wording::new(
            NO,
            "access_denied",
            "Please verify your email or phone number before logging in.",
        ),
        EnrolmentRefusal::AlreadyEnrolled => {
            Wording::new(NO, "access_denied", "User is already enrolled")
        }
        EnrolmentRefusal::FactorsFull => {
            Wording::new(NO, "access_denied", "The user has too many authenticators.")
        }
        EnrolmentRefusal::FactorNotFound => Wording::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "The authenticator does not exist.",
        ),
        EnrolmentRefusal::FactorKept => {
            Wording::new(NO, "access_denied", "This authenticator cannot be removed.")
        }
        EnrolmentRefusal::EnrolmentMissing => Wording::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "There is no enrollment to confirm.",
        ),
    }
}

/// The status, the code and the sentence for a refusal.
pub(in crate::wire::auth0) fn words(refusal: &Refusal) -> Wording {
    const BAD: StatusCode = StatusCode::BAD_REQUEST;
    const NO: StatusCode = StatusCode::FORBIDDEN;
    const WHO: StatusCode = StatusCode::UNAUTHORIZED;
    const MANY: StatusCode = StatusCode::TOO_MANY_REQUESTS;
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
            "The body is too large.",
        ),
        // Auth0's API has no calls that could meet the others.
        Refusal::RouteUnknown
        | Refusal::Administration(_)
        | Refusal::Action(_)
        | Refusal::Profile(_) => Wording::new(StatusCode::NOT_FOUND, "not_found", "Not found."),
        Refusal::MethodNotAllowed => Wording::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "invalid_request",
            "Method not allowed.",
        ),
        Refusal::ClientRejected { .. } => {
            Wording::new(WHO, "invalid_client", "Client authentication failed.")
        }
        Refusal::GrantNotAllowed => Wording::new(
            NO,
            "unauthorized_client",
            "Grant type not allowed for the client.",
        ),
        Refusal::ScopeNotAllowed(_) => Wording::new(
            BAD,
            "invalid_scope",
            "The client may not ask for one of these scopes.",
        ),
        Refusal::AudienceNotAllowed(_) => Wording::new(
            NO,
            "access_denied",
            "The client may not ask for this audience.",
        ),
        Refusal::CredentialsWrong => Wording::new(NO, "invalid_grant", "Wrong email or password."),
        Refusal::PasswordsExhausted { .. } => Wording::new(MANY, "too_many_attempts", BLOCKED),
        Refusal::NetworkExhausted { .. } => Wording::new(MANY, "too_many_attempts", SUSPICIOUS),
        Refusal::CodesExhausted { .. } => Wording::new(MANY, "too_many_attempts", CODES_BLOCKED),
        Refusal::CodesClosed => Wording::new(MANY, "too_many_attempts", CODES_CLOSED),
        Refusal::AccountInactive => Wording::new(NO, "unauthorized", "user is blocked"),
        Refusal::LoginTokenMalformed => Wording::new(NO, "invalid_grant", "Malformed mfa_token"),
        Refusal::LoginExpired => Wording::new(WHO, "expired_token", "mfa_token is expired"),
        Refusal::CodeMissing(method) => {
            let name = parameter(*method);
            return bad(format!("Missing required parameter: {name}"));
        }
        Refusal::CodeWrong(method) => Wording::new(NO, "invalid_grant", wrong_code(*method)),
        Refusal::FactorUnknown => Wording::new(
            BAD,
            "unsupported_challenge_type",
            "User does not have any authenticators of the given type.",
        ),
        Refusal::SendTooSoon { .. } => Wording::new(
            MANY,
            "too_many_attempts",
            "A code was sent just now. Please wait.",
        ),
        Refusal::SendsExhausted { .. } => Wording::new(
            MANY,
            "too_many_attempts",
            "Too many codes were sent. Please wait.",
        ),
        Refusal::DeliveryFailed { .. } => Wording::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "delivery_failed",
            "The code could not be sent. Try again, or use another authenticator.",
        ),
        Refusal::Token(refusal) => return token_words(refusal),
        Refusal::Proof(refusal) => return proof_words(*refusal),
        Refusal::AccessTokenInvalid => Wording::new(
            WHO,
            "invalid_token",
            "The access token is invalid or expired.",
        ),
        Refusal::AccessTokenMissing => {
            Wording::new(WHO, "invalid_token", "The access token is missing.")
        }
        Refusal::ScopeInsufficient => Wording::new(
            NO,
            "insufficient_scope",
            "The access token lacks the scope.",
        ),
        Refusal::RequestsExhausted { .. } => {
            Wording::new(MANY, "too_many_requests", "Too many requests. Please wait.")
        }
        Refusal::Connection(ConnectionRefusal::ConnectionUnknown) => Wording::new(
            BAD,
            "invalid_connection",
            "There is no connection of this name.",
        ),
        Refusal::Connection(ConnectionRefusal::MailboxCodeWrong) => {
            Wording::new(NO, "invalid_grant", "Wrong email or verification code.")
        }
        Refusal::Connection(ConnectionRefusal::PhoneCodeWrong) => Wording::new(
            NO,
            "invalid_grant",
            "Wrong phone number or verification code.",
        ),
        Refusal::Connection(
            ConnectionRefusal::NumberInvalid | ConnectionRefusal::NumberUnreachable,
        ) => Wording::new(BAD, "invalid_request", "Invalid phone number."),
        Refusal::Connection(ConnectionRefusal::ChallengeFailed) => {
            Wording::new(BAD, "invalid_request", "Wrong or expired code.")
        }
        Refusal::Connection(ConnectionRefusal::UserNameUnwanted) => Wording::new(
            BAD,
            "invalid_signup",
            "This connection has no user names beside e-mail addresses.",
        ),
        Refusal::Account(AccountRefusal::PasswordRejected(_)) => {
            Wording::new(BAD, "invalid_password", "Password is too weak")
        }
        Refusal::Account(AccountRefusal::SignUpClosed) => Wording::new(
            BAD,
            "public signup is disabled",
            "Public signup is disabled",
        ),
        Refusal::Account(AccountRefusal::NameInvalid(_) | AccountRefusal::NameTaken(_)) => {
            Wording::new(BAD, "invalid_signup", "Invalid sign up")
        }
        Refusal::Enrolment(refusal) => return enrolment_words(refusal),
        Refusal::Page(PageRefusal::RedirectUriRejected(_)) => Wording::new(
            BAD,
            "invalid_request",
            "The redirect_uri is not in the client's list of allowed callback URLs.",
        ),
        Refusal::Page(PageRefusal::WebOriginRejected) => Wording::new(
            BAD,
            "invalid_request",
            "The origin is not in the client's list of allowed web origins.",
        ),
        Refusal::Page(PageRefusal::ResponseTypeUnsupported) => Wording::new(
            BAD,
            "unsupported_response_type",
            "The response_type has to be code, token or id_token.",
        ),
        Refusal::Page(
            PageRefusal::SignInRequired
            | PageRefusal::SecondFactorRequired
            | PageRefusal::FormRejected
            | PageRefusal::PushedRequestInvalid,
        ) => Wording::new(WHO, "login_required", "Login required."),
    };
    Wording {
        sentence: refusal.sentence(&said.sentence),
        ..said
    }
}

fn token_words(refusal: &TokenRefusal) -> Wording {
    let no = |sentence| Wording::new(StatusCode::FORBIDDEN, "invalid_grant", sentence);
    match refusal {
        TokenRefusal::GrantUnsupported => Wording::new(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "Unsupported grant type.",
        ),
        TokenRefusal::AuthorizationCodeInvalid => no("Invalid authorization code."),
        TokenRefusal::RefreshTokenInvalid
        | TokenRefusal::RefreshTokenEnded
        | TokenRefusal::RefreshTokenReused
        | TokenRefusal::RefreshUserInactive => no("Unknown or invalid refresh token."),
        TokenRefusal::StepUpImpossible => insufficient(),
    }
}

/// For a session that has not shown what the call demands.
fn insufficient() -> Wording {
    Wording::new(
        StatusCode::UNAUTHORIZED,
        "insufficient_user_authentication",
        "Sign in again with your strongest authenticator.",
    )
}

fn wrong_code(method: Method) -> &'static str {
    match method {
        Method::Totp => "Invalid otp_code.",
        Method::Email | Method::Sms | Method::Webhook => "Invalid binding_code.",
        Method::RecoveryCode => "MFA Authorization rejected.",
        Method::Passkey => "Invalid or expired passkey.",
    }
}

fn parameter(method: Method) -> &'static str {
    match method {
        Method::Totp => "otp",
        Method::Email | Method::Sms | Method::Webhook => "binding_code",
        Method::RecoveryCode => "recovery_code",
        Method::Passkey => "authn_response",
    }
}

/// The headers that say when to retry and which budget is used up.
pub(super) fn limits(refusal: &Refusal, now: Timestamp) -> Vec<(HeaderName, HeaderValue)> {
    let Some(Wait { retry_at, limit }) = refusal.wait(now) else {
        return Vec::new();
    };
    let retry_after = (RETRY_AFTER, number_header((retry_at - now).max(1)));
    let Some(limit) = limit else {
        return vec![retry_after];
    };
    let header = |name, number| (HeaderName::from_static(name), number_header(number));
    vec![
        retry_after,
        header("x-ratelimit-limit", limit),
        header("x-ratelimit-remaining", 0),
        header("x-ratelimit-reset", retry_at),
    ]
}

/// The `WWW-Authenticate` challenge of a 401 (RFC 6749 5.2, RFC 6750 3).
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
        // RFC 9470 3.
        return Some("Bearer error=\"insufficient_user_authentication\", max_age=600");
    }
    (*refusal == Refusal::ScopeInsufficient).then_some("Bearer error=\"insufficient_scope\"")
}

/// A refusal or a fault. Auth0's SDKs match these texts exactly.
#[derive(ToSchema)]
pub struct Auth0Error {
    /// What class of error it is.
    #[schema(example = "invalid_grant")]
    pub error: String,
    /// What went wrong.
    #[schema(example = "Wrong email or password.")]
    pub error_description: String,
    /// With `delivery_failed`, and with `too_many_attempts` where too many were sent: the other factors that could complete the login.
    #[schema(nullable = false)]
    pub available_authenticators: Option<Vec<Authenticator>>,
    /// At `/otp/challenge`: the parameters that are refused.
    #[schema(nullable = false)]
    pub validation_errors: Option<Vec<Auth0ValidationError>>,
}

/// A refused parameter.
#[derive(ToSchema)]
pub struct Auth0ValidationError {
    /// Its name.
    pub field: String,
    /// What is wrong.
    pub message: String,
}
