//! Every refusal in ABP's words: OpenIddict's at `/connect/`, and ABP's error object at
//! `/api/`.

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::accounts::refusals::account_refusal::{AccountRefusal, TakenName};
use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::accounts::refusals::administration_refusal::AdministrationRefusal;
use crate::domain::accounts::refusals::profile_refusal::ProfileRefusal;
use crate::domain::authorization::proof_refusal::ProofRefusal;
use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::Method;
use crate::domain::refusal::{Refusal, Wait};
use crate::domain::{Dialect, Timestamp};
use crate::wire::abp::login::provider::{AbpOtherProviders, Provider};
use crate::wire::identity::password_words;
use crate::wire::key_proof::{proof_challenge, proof_words};
use crate::wire::{Fault, Shape, Words, number_header, private_json};

/// OpenIddict's page about refused grants.
pub const ERROR_URI: &str = "https://documentation.openiddict.com/errors/ID2024";

/// For a user who needs a second factor and has none.
pub(super) const ENROL_FIRST: &str = "Set up an authenticator app first, on the page /auth/two-factor of the sign-in \
    service.";

/// For a session that has not shown what the call demands.
const STRONGEST_FIRST: &str = "Sign in again with your strongest two-factor provider to change it.";

const LOCKED_OUT: &str = "The user account has been locked out due to invalid login attempts. \
    Please wait a while and try again.";

/// The words of `/connect/`.
pub const TOKEN_WORDS: Words = Words {
    dialect: Dialect::Abp,
    shape: Shape::AbpToken,
    refusal: token_answer,
    fault: Fault::Json(|said| json!({ "error": said.error, "error_description": said.sentence })),
};

/// The words of `/api/`.
pub const REST_WORDS: Words = Words {
    dialect: Dialect::Abp,
    shape: Shape::AbpRest,
    refusal: rest_answer,
    fault: Fault::Marked(
        |said| rest_body(&said.sentence, Value::Null, Value::Null),
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
    /// A refused proof of a key (RFC 9449).
    Proof(ProofRefusal),
    /// This status, both at the token endpoint and in REST.
    Status(StatusCode),
}

/// What a refusal says, and its class.
struct AbpWording {
    class: Class,
    sentence: String,
}

/// A status of the token endpoint, with the OAuth error code.
struct TokenError {
    status: StatusCode,
    error: &'static str,
}

impl Class {
    fn says(self, sentence: impl Into<String>) -> AbpWording {
        AbpWording {
            class: self,
            sentence: sentence.into(),
        }
    }

    fn at_token_endpoint(&self) -> TokenError {
        let at = |status, error| TokenError { status, error };
        match self {
            Self::Grant | Self::Rule => at(StatusCode::BAD_REQUEST, "invalid_grant"),
            Self::Request(error) => at(StatusCode::BAD_REQUEST, *error),
            Self::Client => at(StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::Token => at(StatusCode::UNAUTHORIZED, "invalid_token"),
            Self::NoToken => at(StatusCode::UNAUTHORIZED, "missing_token"),
            Self::Scope => at(StatusCode::FORBIDDEN, "insufficient_scope"),
            Self::Recent => at(StatusCode::FORBIDDEN, "insufficient_user_authentication"),
            Self::Proof(refusal) => {
                let said = proof_words(*refusal);
                at(said.status, said.error)
            }
            Self::Status(status) => at(*status, "invalid_request"),
        }
    }

    fn rest_status(&self) -> StatusCode {
        match self {
            Self::Grant | Self::Rule | Self::Scope | Self::Recent => StatusCode::FORBIDDEN,
            Self::Request(_) => StatusCode::BAD_REQUEST,
            Self::Client | Self::Token | Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::Proof(refusal) => proof_words(*refusal).status,
            Self::Status(status) => *status,
        }
    }
}

fn wording(refusal: &Refusal) -> AbpWording {
    use Class::{Client, Grant, NoToken, Request, Rule, Scope, Status, Token};
    let said = match refusal {
        Refusal::ParameterMissing(name) => {
            return Request("invalid_request").says(format!("The {name} field is required."));
        }
        Refusal::ParameterMisnamed(name) => {
            return Request("invalid_request").says(format!(
                "Write the name of this parameter exactly so: {name}"
            ));
        }
        Refusal::RequestMalformed(problem) | Refusal::ParameterInvalid { problem, .. } => {
            Request("invalid_request").says(*problem)
        }
        Refusal::BodyTooLarge => {
            Status(StatusCode::PAYLOAD_TOO_LARGE).says("The body is too large.")
        }
        // The pages have words of their own, and no call names a connection.
        Refusal::RouteUnknown | Refusal::Connection(_) | Refusal::Page(_) => {
            Status(StatusCode::NOT_FOUND).says("Not found.")
        }
        Refusal::MethodNotAllowed => {
            Status(StatusCode::METHOD_NOT_ALLOWED).says("Method not allowed.")
        }
        Refusal::ClientRejected { .. } => {
            Client.says("The specified client credentials are invalid.")
        }
        Refusal::GrantNotAllowed => Request("unauthorized_client")
            .says("This client application is not allowed to use the specified grant type."),
        Refusal::ScopeNotAllowed(_) => Request("invalid_scope")
            .says("This client application is not allowed to use the specified scope."),
        Refusal::AudienceNotAllowed(_) => Request("invalid_target")
            .says("This client application is not allowed to use the specified audience."),
        Refusal::CredentialsWrong => Grant.says("Invalid username or password!"),
        Refusal::PasswordsExhausted { .. }
        | Refusal::CodesExhausted { .. }
        | Refusal::CodesClosed => Grant.says(LOCKED_OUT),
        Refusal::AccountInactive => {
            Grant.says("You are not allowed to login! Your account is inactive.")
        }
        Refusal::LoginTokenMalformed => Grant.says("The two-factor token is invalid."),
        Refusal::LoginExpired => Grant.says("The two-factor login has expired. Sign in again."),
        Refusal::CodeMissing(_) => Grant.says("The two-factor code has not been verified."),
        Refusal::CodeWrong(Method::RecoveryCode) => Grant.says("Invalid recovery code!"),
        Refusal::CodeWrong(
            Method::Totp | Method::Email | Method::Sms | Method::Webhook | Method::Passkey,
        ) => Grant.says("Invalid authenticator code!"),
        Refusal::FactorUnknown => Grant.says("The user does not have this two-factor provider."),
        Refusal::SendTooSoon { .. } => Status(StatusCode::TOO_MANY_REQUESTS)
            .says("A code was sent already. Please wait a while and try again."),
        Refusal::SendsExhausted { .. } => Status(StatusCode::TOO_MANY_REQUESTS)
            .says("Too many codes were sent. Please wait a while and try again."),
        Refusal::DeliveryFailed { .. } => Status(StatusCode::SERVICE_UNAVAILABLE)
            .says("The code could not be sent. Try again, or use another provider."),
        Refusal::Token(refusal) => token_wording(refusal),
        Refusal::Proof(refusal) => Class::Proof(*refusal).says(proof_words(*refusal).sentence),
        Refusal::AccessTokenInvalid => Token.says("The specified token is invalid."),
        Refusal::AccessTokenMissing => NoToken.says("The security token is missing."),
        Refusal::ScopeInsufficient => Scope.says("The specified token lacks a scope."),
        Refusal::Administration(AdministrationRefusal::RoleMissing) => {
            Rule.says("Given policy has not granted: the user lacks the role.")
        }
        Refusal::Administration(AdministrationRefusal::UserUnknown) => {
            Status(StatusCode::NOT_FOUND).says("There is no entity User with that id!")
        }
        Refusal::NetworkExhausted { .. } | Refusal::RequestsExhausted { .. } => {
            Status(StatusCode::TOO_MANY_REQUESTS)
                .says("Too many requests. Please wait a while and try again.")
        }
        Refusal::Account(refusal) => return account_wording(refusal),
        Refusal::Action(ActionRefusal::ActionTokenInvalid) => Rule.says("Invalid token."),
        Refusal::Profile(ProfileRefusal::CurrentPasswordWrong) => Rule.says("Incorrect password."),
        Refusal::Profile(ProfileRefusal::AddressMissing) => {
            Rule.says("The user has no such address.")
        }
        Refusal::Enrolment(refusal) => enrolment_wording(refusal),
    };
    AbpWording {
        sentence: refusal.sentence(&said.sentence),
        ..said
    }
}

fn token_wording(refusal: &TokenRefusal) -> AbpWording {
    use Class::{Grant, Request};
    match refusal {
        TokenRefusal::GrantUnsupported => {
            Request("unsupported_grant_type").says("The specified 'grant_type' is not supported.")
        }
        TokenRefusal::AuthorizationCodeInvalid => {
            Grant.says("The specified authorization code is invalid.")
        }
        TokenRefusal::RefreshTokenInvalid => Grant.says("The specified refresh token is invalid."),
        TokenRefusal::RefreshTokenEnded => Grant.says("The token is no longer valid."),
        TokenRefusal::RefreshTokenReused => {
            Grant.says("The specified refresh token has already been redeemed.")
        }
        TokenRefusal::RefreshUserInactive => {
            Grant.says("The user is no longer allowed to sign in.")
        }
        TokenRefusal::StepUpImpossible => Class::Recent.says(STRONGEST_FIRST),
    }
}

fn account_wording(refusal: &AccountRefusal) -> AbpWording {
    use Class::{Grant, Rule};
    match refusal {
        AccountRefusal::PasswordRejected(problem) => Grant.says(password_words(*problem)),
        AccountRefusal::SignUpClosed => Rule.says(
            "Self-registration is disabled for this application. Please contact the application \
             administrator to register a new user.",
        ),
        AccountRefusal::NameInvalid(TakenName::UserName(name)) => {
            Rule.says(format!("Username '{name}' is invalid."))
        }
        AccountRefusal::NameInvalid(TakenName::Email(email)) => {
            Rule.says(format!("Email '{email}' is invalid."))
        }
        AccountRefusal::NameTaken(TakenName::UserName(name)) => {
            Rule.says(format!("Username '{name}' is already taken."))
        }
        AccountRefusal::NameTaken(TakenName::Email(email)) => {
            Rule.says(format!("Email '{email}' is already taken."))
        }
    }
}

fn enrolment_wording(refusal: &EnrolmentRefusal) -> AbpWording {
    use Class::{Grant, Recent, Status};
    match refusal {
        EnrolmentRefusal::AuthenticationInsufficient => Recent.says(STRONGEST_FIRST),
        EnrolmentRefusal::FactorsMissing => Grant.says(ENROL_FIRST),
        EnrolmentRefusal::AddressUnconfirmed => Grant.says("RequiresConfirmUser"),
        EnrolmentRefusal::AlreadyEnrolled => {
            Grant.says("The user already has this two-factor provider.")
        }
        EnrolmentRefusal::FactorsFull => Grant.says("The user has too many two-factor providers."),
        EnrolmentRefusal::FactorNotFound => {
            Status(StatusCode::NOT_FOUND).says("The two-factor provider does not exist.")
        }
        EnrolmentRefusal::FactorKept => Grant.says("This two-factor provider cannot be removed."),
        EnrolmentRefusal::EnrolmentMissing => {
            Grant.says("There is no authenticator to verify. Get a new key first.")
        }
    }
}

fn token_answer(refusal: &Refusal, now: Timestamp) -> Response {
    let AbpWording { class, sentence } = wording(refusal);
    let TokenError { status, error } = class.at_token_endpoint();
    let mut body = json!({ "error": error, "error_description": sentence });
    if let Class::Grant | Class::Rule = class {
        body["error_uri"] = json!(ERROR_URI);
    }
    with_headers(private_json(status, &body), refusal, now)
}

/// Adds the header that marks a REST error.
pub(super) fn marked(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(ERROR_FORMAT, HeaderValue::from_static("true"));
    response
}

fn rest_answer(refusal: &Refusal, now: Timestamp) -> Response {
    let AbpWording { class, sentence } = wording(refusal);
    let status = class.rest_status();
    let body = if let Some(others) = refusal.other_factors() {
        let fits = |one: &&Provider| others.iter().any(|factor| one.serves(factor.method()));
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

pub(super) fn rest_body(message: &str, data: Value, validation_errors: Value) -> Value {
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
    let challenge = match wording(refusal).class {
        Class::Client => "Basic realm=\"token\"",
        Class::Token => "Bearer error=\"invalid_token\"",
        // RFC 6750 3.1: no error code if the request had no token.
        Class::NoToken => "Bearer",
        Class::Scope => "Bearer error=\"insufficient_scope\"",
        Class::Recent => "Bearer error=\"insufficient_user_authentication\", max_age=600",
        Class::Proof(refusal) => proof_challenge(refusal).unwrap_or_default(),
        Class::Grant | Class::Rule | Class::Request(_) | Class::Status(_) => "",
    };
    if challenge.is_empty() {
        return response;
    }
    headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    response
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

/// What is wrong with a request.
#[derive(ToSchema)]
pub struct AbpValidationError {
    /// A sentence.
    pub message: String,
    /// The members of the request that it is about.
    pub members: Vec<String>,
}
