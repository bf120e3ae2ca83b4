//! Every refusal in ABP's words: OpenIddict's at `/connect/`, and ABP's error object at
//! `/api/`.

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::accounts::administration_refusal::AdministrationRefusal;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::Method;
use crate::domain::refusal::{Refusal, TakenName, Wait};
use crate::domain::{Dialect, Timestamp};
use crate::wire::abp::login::provider::{AbpProvider, Provider};
use crate::wire::identity::password_words;
use crate::wire::{Fault, Shape, Words, number_header, private_json};

/// OpenIddict's page about refused grants.
pub const ERROR_URI: &str = "https://documentation.openiddict.com/errors/ID2024";

/// For a user who needs a second factor and has none.
pub(super) const ENROL_FIRST: &str = "Set up an authenticator app first, on the page /auth/two-factor of the sign-in \
    service.";

const LOCKED_OUT: &str = "The user account has been locked out due to invalid login attempts. \
    Please wait a while and try again.";

/// The words of `/connect/`.
pub const TOKEN_WORDS: Words = Words {
    dialect: Dialect::Abp,
    shape: Shape::AbpToken,
    refusal: token_answer,
    fault: Fault::Json(|error, sentence| json!({ "error": error, "error_description": sentence })),
};

/// The words of `/api/`.
pub const REST_WORDS: Words = Words {
    dialect: Dialect::Abp,
    shape: Shape::AbpRest,
    refusal: rest_answer,
    fault: Fault::Marked(
        |_, sentence| rest_body(sentence, Value::Null, Value::Null),
        marked,
    ),
};

/// The header that marks a body as ABP's error object. Without the header, ABP's
/// clients do not show the message, and replace their whole page with an error page.
pub const ERROR_FORMAT: HeaderName = HeaderName::from_static("_abperrorformat");

/// How a refusal is classified. The class decides status and error code.
enum Class {
    /// `invalid_grant` at the token endpoint; a business rule in REST.
    Grant,
    /// The request itself is wrong. The text is the OAuth error code.
    Request(&'static str),
    /// Client credentials are missing or wrong.
    Client,
    /// The access token is invalid.
    Token,
    /// The access token is missing.
    NoToken,
    /// The access token does not allow this call.
    Scope,
    /// A business rule that only REST calls break.
    Rule,
    /// The call needs a recent authentication (RFC 9470).
    Recent,
    /// This status, both at the token endpoint and in REST.
    Status(StatusCode),
}

fn sentence(refusal: &Refusal) -> (Class, String) {
    use Class::{Client, Grant, NoToken, Recent, Request, Rule, Scope, Status, Token};
    let (class, sentence) = match refusal {
        Refusal::ParameterMissing(name) => {
            return (
                Request("invalid_request"),
                format!("The {name} field is required."),
            );
        }
        Refusal::ParameterMisnamed(name) => {
            return (
                Request("invalid_request"),
                format!("Write the name of this parameter exactly so: {name}"),
            );
        }
        Refusal::RequestMalformed(problem) => (Request("invalid_request"), *problem),
        Refusal::BodyTooLarge => (
            Status(StatusCode::PAYLOAD_TOO_LARGE),
            "The body is too large.",
        ),
        Refusal::RouteUnknown => (Status(StatusCode::NOT_FOUND), "Not found."),
        Refusal::MethodNotAllowed => (
            Status(StatusCode::METHOD_NOT_ALLOWED),
            "Method not allowed.",
        ),
        Refusal::GrantUnsupported => (
            Request("unsupported_grant_type"),
            "The specified 'grant_type' is not supported.",
        ),
        Refusal::ClientRejected { .. } => (Client, "The specified client credentials are invalid."),
        Refusal::GrantNotAllowed => (
            Request("unauthorized_client"),
            "This client application is not allowed to use the specified grant type.",
        ),
        Refusal::ScopeNotAllowed(_) => (
            Request("invalid_scope"),
            "This client application is not allowed to use the specified scope.",
        ),
        Refusal::AudienceNotAllowed(_) => (
            Request("invalid_target"),
            "This client application is not allowed to use the specified audience.",
        ),
        Refusal::CredentialsWrong => (Grant, "Invalid username or password!"),
        Refusal::PasswordsExhausted { .. }
        | Refusal::CodesExhausted { .. }
        | Refusal::CodesClosed => (Grant, LOCKED_OUT),
        Refusal::AccountInactive => (
            Grant,
            "You are not allowed to login! Your account is inactive.",
        ),
        Refusal::LoginTokenMalformed => (Grant, "The two-factor token is invalid."),
        Refusal::LoginExpired => (Grant, "The two-factor login has expired. Sign in again."),
        Refusal::CodeMissing(_) => (Grant, "The two-factor code has not been verified."),
        Refusal::CodeWrong(Method::RecoveryCode) => (Grant, "Invalid recovery code!"),
        Refusal::CodeWrong(Method::Totp | Method::Email | Method::Sms | Method::Webhook) => {
            (Grant, "Invalid authenticator code!")
        }
        Refusal::FactorsMissing => (Grant, ENROL_FIRST),
        Refusal::FactorUnknown => (Grant, "The user does not have this two-factor provider."),
        Refusal::SendTooSoon { .. } => (
            Status(StatusCode::TOO_MANY_REQUESTS),
            "A code was sent already. Please wait a while and try again.",
        ),
        Refusal::SendsExhausted { .. } => (
            Status(StatusCode::TOO_MANY_REQUESTS),
            "Too many codes were sent. Please wait a while and try again.",
        ),
        Refusal::DeliveryFailed { .. } => (
            Status(StatusCode::SERVICE_UNAVAILABLE),
            "The code could not be sent. Try again, or use another provider.",
        ),
        Refusal::RefreshTokenInvalid => (Grant, "The specified refresh token is invalid."),
        Refusal::RefreshTokenEnded => (Grant, "The token is no longer valid."),
        Refusal::RefreshTokenReused => (
            Grant,
            "The specified refresh token has already been redeemed.",
        ),
        Refusal::RefreshUserInactive => (Grant, "The user is no longer allowed to sign in."),
        Refusal::AccessTokenInvalid => (Token, "The specified token is invalid."),
        Refusal::AccessTokenMissing => (NoToken, "The security token is missing."),
        Refusal::ScopeInsufficient => (Scope, "The specified token lacks a scope."),
        Refusal::Administration(AdministrationRefusal::RoleMissing) => (
            Rule,
            "Given policy has not granted: the user lacks the role.",
        ),
        Refusal::Administration(AdministrationRefusal::UserUnknown) => (
            Status(StatusCode::NOT_FOUND),
            "There is no entity User with that id!",
        ),
        Refusal::PasswordRejected(problem) => return (Grant, password_words(*problem)),
        Refusal::CurrentPasswordWrong => (Rule, "Incorrect password."),
        Refusal::NameInvalid(TakenName::UserName(name)) => {
            return (Rule, format!("Username '{name}' is invalid."));
        }
        Refusal::NameInvalid(TakenName::Email(email)) => {
            return (Rule, format!("Email '{email}' is invalid."));
        }
        Refusal::NameTaken(TakenName::UserName(name)) => {
            return (Rule, format!("Username '{name}' is already taken."));
        }
        Refusal::NameTaken(TakenName::Email(email)) => {
            return (Rule, format!("Email '{email}' is already taken."));
        }
        Refusal::AddressMissing => (Rule, "The user has no such address."),
        Refusal::ActionTokenInvalid => (Rule, "Invalid token."),
        Refusal::NetworkExhausted { .. } | Refusal::RequestsExhausted { .. } => (
            Status(StatusCode::TOO_MANY_REQUESTS),
            "Too many requests. Please wait a while and try again.",
        ),
        Refusal::AuthenticationInsufficient => (
            Recent,
            "Sign in again with your strongest two-factor provider to change it.",
        ),
        Refusal::Connection(_) => (Request("invalid_request"), "There is no such connection."),
        Refusal::Enrolment(refusal) => enrolment_sentence(refusal),
        Refusal::Page(_) => (Grant, "The user is not signed in."),
        Refusal::AuthorizationCodeInvalid => {
            (Grant, "The specified authorization code is invalid.")
        }
    };
    (class, refusal.sentence(sentence))
}

fn enrolment_sentence(refusal: &EnrolmentRefusal) -> (Class, &'static str) {
    use Class::{Grant, Status};
    match refusal {
        EnrolmentRefusal::AddressUnconfirmed => (Grant, "RequiresConfirmUser"),
        EnrolmentRefusal::AlreadyEnrolled => {
            (Grant, "The user already has this two-factor provider.")
        }
        EnrolmentRefusal::FactorsFull => (Grant, "The user has too many two-factor providers."),
        EnrolmentRefusal::FactorNotFound => (
            Status(StatusCode::NOT_FOUND),
            "The two-factor provider does not exist.",
        ),
        EnrolmentRefusal::FactorKept => (Grant, "This two-factor provider cannot be removed."),
        EnrolmentRefusal::EnrolmentMissing => (
            Grant,
            "There is no authenticator to verify. Get a new key first.",
        ),
    }
}

fn token_answer(refusal: &Refusal, now: Timestamp) -> Response {
    let (class, sentence) = sentence(refusal);
    let (status, error) = match class {
        Class::Grant | Class::Rule => (StatusCode::BAD_REQUEST, "invalid_grant"),
        Class::Request(error) => (StatusCode::BAD_REQUEST, error),
        Class::Client => (StatusCode::UNAUTHORIZED, "invalid_client"),
        Class::Token => (StatusCode::UNAUTHORIZED, "invalid_token"),
        Class::NoToken => (StatusCode::UNAUTHORIZED, "missing_token"),
        Class::Scope => (StatusCode::FORBIDDEN, "insufficient_scope"),
        Class::Recent => (StatusCode::FORBIDDEN, "insufficient_user_authentication"),
        Class::Status(status) => (status, "invalid_request"),
    };
    let mut body = json!({ "error": error, "error_description": sentence });
    if error == "invalid_grant" {
        body["error_uri"] = json!(ERROR_URI);
    }
    with_headers(private_json(status, &body), refusal, now)
}

/// Adds the header that marks a REST error.
fn marked(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(ERROR_FORMAT, HeaderValue::from_static("true"));
    response
}

fn rest_answer(refusal: &Refusal, now: Timestamp) -> Response {
    let (class, sentence) = sentence(refusal);
    let status = match class {
        Class::Grant | Class::Rule | Class::Scope | Class::Recent => StatusCode::FORBIDDEN,
        Class::Request(_) => StatusCode::BAD_REQUEST,
        Class::Client | Class::Token | Class::NoToken => StatusCode::UNAUTHORIZED,
        Class::Status(status) => status,
    };
    let body = if let Some(others) = refusal.other_factors() {
        let fits = |one: &&Provider| others.iter().any(|factor| one.is_for(factor.method()));
        let names: Vec<&str> = Provider::ALL
            .iter()
            .filter(fits)
            .map(|provider| provider.name())
            .collect();
        rest_body(&sentence, json!({ "providers": names }), Value::Null)
    } else if status == StatusCode::BAD_REQUEST {
        let members = if let Refusal::ParameterMissing(name) = refusal {
            json!([name])
        } else {
            json!([])
        };
        let errors = json!([{ "message": sentence, "members": members }]);
        rest_body("Your request is not valid!", Value::Null, errors)
    } else {
        rest_body(&sentence, Value::Null, Value::Null)
    };
    marked(with_headers(private_json(status, &body), refusal, now))
}

fn rest_body(message: &str, data: Value, validation_errors: Value) -> Value {
    json!({
        "error": {
            "code": null,
            "message": message,
            "details": null,
            "data": data,
            "validationErrors": validation_errors,
        }
    })
}

fn with_headers(mut response: Response, refusal: &Refusal, now: Timestamp) -> Response {
    let headers = response.headers_mut();
    if let Some(Wait { retry_at, .. }) = refusal.wait(now) {
        headers.insert(RETRY_AFTER, number_header((retry_at - now).max(1)));
    }
    let challenge = match sentence(refusal).0 {
        Class::Client => "Basic realm=\"token\"",
        Class::Token => "Bearer error=\"invalid_token\"",
        // RFC 6750 3.1: no error code if the request had no token.
        Class::NoToken => "Bearer",
        Class::Scope => "Bearer error=\"insufficient_scope\"",
        Class::Recent => "Bearer error=\"insufficient_user_authentication\", max_age=600",
        Class::Grant | Class::Rule | Class::Request(_) | Class::Status(_) => return response,
    };
    headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    response
}

/// A refusal or a fault of the token endpoint, as OpenIddict says it.
#[derive(ToSchema)]
pub struct AbpTokenError {
    /// What class of error it is.
    #[schema(example = "invalid_grant")]
    pub error: String,
    /// What went wrong, or what comes next.
    #[schema(example = "RequiresTwoFactor")]
    pub error_description: String,
    /// With `invalid_grant`.
    #[schema(nullable = false)]
    pub error_uri: Option<String>,
    /// With `RequiresTwoFactor`, `RequiresConfirmUser` and
    /// `ShouldChangePasswordOnNextLogin`: 32 hexadecimal digits.
    #[schema(rename = "userId", nullable = false)]
    pub user_id: Option<String>,
    /// With `RequiresTwoFactor`: names the pending login.
    #[schema(rename = "twoFactorToken", nullable = false)]
    pub two_factor_token: Option<String>,
    /// With `RequiresConfirmUser`.
    #[schema(nullable = false)]
    pub email: Option<String>,
    /// With `RequiresConfirmUser`.
    #[schema(rename = "phoneNumber", nullable = false)]
    pub phone_number: Option<String>,
    /// With `ShouldChangePasswordOnNextLogin`.
    #[schema(rename = "changePasswordToken", nullable = false)]
    pub change_password_token: Option<String>,
}

/// A refusal or a fault of the account REST.
#[derive(ToSchema)]
pub struct AbpError {
    /// What went wrong.
    pub error: AbpErrorInfo,
}

/// What went wrong.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpErrorInfo {
    /// Always null.
    #[schema(required)]
    pub code: Option<String>,
    /// A sentence for the user.
    pub message: String,
    /// Always null.
    #[schema(required)]
    pub details: Option<String>,
    /// When a code could not be sent: the other providers.
    #[schema(required)]
    pub data: Option<AbpOtherProviders>,
    /// With 400: what is wrong with the request.
    #[schema(required)]
    pub validation_errors: Option<Vec<AbpValidationError>>,
}

/// The other providers that could complete the login.
#[derive(ToSchema)]
pub struct AbpOtherProviders {
    /// Their names.
    pub providers: Vec<AbpProvider>,
}

/// What is wrong with a request.
#[derive(ToSchema)]
pub struct AbpValidationError {
    /// A sentence.
    pub message: String,
    /// The members of the request that it is about.
    pub members: Vec<String>,
}
