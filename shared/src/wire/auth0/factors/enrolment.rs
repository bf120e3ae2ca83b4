//! Auth0's MFA API: `/mfa/associate`, and removing an authenticator.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::factors::enrolling::new_factor::NewFactor;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::Channel;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::audience::Audience;
use crate::failure::Failure;
use crate::usecase::factors::auth0_recovery_codes::replace_recovery_codes;
use crate::usecase::factors::enroll::{EnrolmentBegun, enroll};
use crate::usecase::factors::enrolment_code::EnrolmentChallenge;
use crate::usecase::factors::remove_factor::{RemovalToken, remove_factor};
use crate::wire::auth0::factors::authenticator;
use crate::wire::auth0::factors::authenticator::OobChannel;
use crate::wire::auth0::factors::my_enrolment::MyCreationOptions;
use crate::wire::credentials::bearer;
use crate::wire::fields::Fields;
use crate::wire::input::Input;
use crate::wire::{failure, private, private_json};

/// Begins an authenticator.
#[derive(ToSchema)]
#[schema(example = json!({ "authenticator_types": ["otp"] }))]
pub struct AssociateRequest {
    /// One kind; the first that is known counts. In a form, separated by
    /// spaces. `recovery-code` replaces the recovery code.
    pub authenticator_types: Vec<NewAuthenticatorType>,
    /// With `oob`: the channel.
    pub oob_channels: Option<Vec<OobChannel>>,
    /// With `sms`: the number in E.164.
    #[schema(example = "+15555550123")]
    pub phone_number: Option<String>,
    /// With `email`: the address; the user's own if absent.
    pub email: Option<String>,
}

/// Kinds of authenticators that an app can begin.
#[derive(ToSchema)]
pub enum NewAuthenticatorType {
    /// An authenticator app.
    #[schema(rename = "otp")]
    Otp,
    /// A destination of messages.
    #[schema(rename = "oob")]
    Oob,
    /// The recovery code.
    #[schema(rename = "recovery-code")]
    RecoveryCode,
    /// A passkey. Not Auth0's.
    #[schema(rename = "webauthn")]
    Webauthn,
}

/// What the first code is made by or answers.
#[derive(ToSchema)]
pub struct Associated {
    /// The kind that was begun.
    pub authenticator_type: NewAuthenticatorType,
    /// With `otp`: the seed, in base32.
    #[schema(nullable = false)]
    pub secret: Option<String>,
    /// With `otp`: what the QR code holds.
    #[schema(nullable = false)]
    pub barcode_uri: Option<String>,
    /// With `oob`: the channel.
    #[schema(nullable = false)]
    pub oob_channel: Option<OobChannel>,
    /// With `oob`: names the send in the `mfa-oob` grant.
    #[schema(nullable = false)]
    pub oob_code: Option<String>,
    /// With `oob`: `prompt`, the user types the code.
    #[schema(nullable = false)]
    pub binding_method: Option<String>,
    /// With `webauthn`: what the authenticator gets to make the passkey.
    #[schema(nullable = false)]
    pub authn_params_public_key: Option<MyCreationOptions>,
    /// With the first factor, or when they were replaced. Shown once.
    #[schema(nullable = false)]
    pub recovery_codes: Option<Vec<String>>,
}

/// `POST /mfa/associate`: begins an enrolment. Takes an `mfa_token` (for the first
/// authenticator) or an access token as bearer, `authenticator_types`, and for `oob`
/// the `oob_channels` with `phone_number` or `email`. Gives the seed of an
/// authenticator app, or the `oob_code` of the code that was sent. Our additions:
/// `["webauthn"]` begins a passkey, and `["recovery-code"]` replaces the recovery code.
#[operation(
    summary = "Begins an authenticator, or replaces the recovery code.",
    request_body = AssociateRequest,
    responses((status = 200, description = "What the first code is made by or answers.", body = Associated)),
    security(("mfa_token" = []), ("access_token" = ["enroll"])),
)]
pub async fn associate(input: Input) -> Response {
    match associated(&input).await {
        Ok(body) => private_json(StatusCode::OK, &body),
        Err(refused) => failure(input.words, as_bearer(refused), input.context.now()),
    }
}

/// Here, a bearer that is neither an access token nor an `mfa_token` is an invalid
/// access token.
fn as_bearer(failure: Failure) -> Failure {
    match failure {
        Failure::Refused(Refusal::LoginTokenMalformed) => Refusal::AccessTokenInvalid.into(),
        failure => failure,
    }
}

async fn associated(input: &Input) -> Result<Value, Failure> {
    let token = bearer(&input.headers)?;
    let fields = input.fields()?;
    let types = fields.list("authenticator_types");
    if types.is_empty() {
        return Err(Refusal::ParameterMissing("authenticator_types").into());
    }
    if types == ["recovery-code"] {
        let right = (Audience::Mfa, KnownScope::Enroll);
        let made = replace_recovery_codes(&input.context, token, right).await?;
        return Ok(json!({
            "authenticator_type": "recovery-code",
            "recovery_codes": texts(&made.code),
        }));
    }
    let new = new_factor(&types, fields)?;
    let begun = enroll(&input.context, token, &new).await?;
    Ok(body(&begun))
}

/// The first known type decides, because a request enrols only one factor.
fn new_factor(types: &[&str], fields: &Fields) -> Result<NewFactor, Refusal> {
    let unknown = Refusal::RequestMalformed("authenticator_types holds otp, oob or webauthn");
    let known = |kind: &&&str| matches!(**kind, "otp" | "oob" | "webauthn");
    match *types.iter().find(known).ok_or(unknown)? {
        "otp" => return Ok(NewFactor::Totp),
        "webauthn" => return Ok(NewFactor::Passkey),
        _ => {}
    }
    let channels = fields.list("oob_channels");
    let mut known = channels.iter().filter_map(|name| channel(name));
    let channel = match (known.next(), channels.is_empty()) {
        (Some(channel), _) => channel,
        (None, true) => return Err(Refusal::ParameterMissing("oob_channels")),
        (None, false) => {
            return Err(Refusal::RequestMalformed("oob_channels holds sms or email"));
        }
    };
    let to = match channel {
        Channel::Sms => fields.get("phone_number"),
        Channel::Email => fields.get("email"),
        // Auth0 has no webhook channel. Webhooks are enrolled in Aidbox's dialect.
        Channel::Webhook => None,
    };
    Ok(NewFactor::Address {
        channel,
        to: to.map(str::to_owned),
    })
}

fn channel(name: &str) -> Option<Channel> {
    [Channel::Sms, Channel::Email]
        .into_iter()
        .find(|channel| channel.name() == name)
}

fn body(begun: &EnrolmentBegun) -> Value {
    let mut body = match &begun.challenge {
        EnrolmentChallenge::Totp { secret, uri } => json!({
            "authenticator_type": "otp",
            "secret": secret.expose(),
            "barcode_uri": uri.expose(),
        }),
        EnrolmentChallenge::Sent { channel, token } => json!({
            "authenticator_type": "oob",
            "oob_channel": channel.name(),
            "oob_code": token.expose(),
            "binding_method": "prompt",
        }),
        EnrolmentChallenge::Passkey { options } => json!({
            "authenticator_type": "webauthn",
            "authn_params_public_key": options,
        }),
    };
    if !begun.recovery_codes.is_empty() {
        body["recovery_codes"] = texts(&begun.recovery_codes);
    }
    body
}

fn texts(codes: &[Secret]) -> Value {
    codes.iter().map(|code| json!(code.expose())).collect()
}

/// `DELETE /mfa/authenticators/{id}`: takes an access token as bearer. Answers 204.
#[operation(
    summary = "Removes an authenticator.",
    params(("id" = String, Path, description = "Its identifier, as the list has it.", example = "totp|dev_0123456789abcdef0123456789abcdef")),
    responses((status = 204, description = "It is removed.")),
    security(("access_token" = ["remove:authenticators"])),
)]
pub async fn remove_authenticator(
    id: Result<Path<String>, PathRejection>,
    input: Input,
) -> Response {
    // A path that cannot be decoded as text gives an empty identifier, which does not
    // exist.
    let id = id.map(|Path(id)| id).unwrap_or_default();
    match removed(&id, &input).await {
        Ok(()) => private(StatusCode::NO_CONTENT.into_response()),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn removed(id: &str, input: &Input) -> Result<(), Failure> {
    let token = bearer(&input.headers)?;
    let (method, factor) = authenticator::parse_id(id).ok_or(EnrolmentRefusal::FactorNotFound)?;
    remove_factor(&input.context, RemovalToken::of_mfa(token), method, factor).await
}
