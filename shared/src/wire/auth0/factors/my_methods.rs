//! `/me/v1/factors` and `/me/v1/authentication-methods`: the factors of a signed-in user.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::Timestamp;
use crate::domain::accounts::user::{Account, User};
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::{Channel, Factor, FactorKind, Method};
use crate::domain::factors::passkey::KeyPlace;
use crate::domain::id::FactorId;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::factors::auth0_my_account::my_factors;
use crate::usecase::factors::remove_factor::{RemovalToken, remove_factor};
use crate::wire::auth0::accounts::my_password::{kept_password, password_of, password_owner};
use crate::wire::auth0::factors::authenticator;
use crate::wire::auth0::factors::my_words::when;
use crate::wire::credentials::bearer;
use crate::wire::input::Input;
use crate::wire::{failure, private, private_json};

/// The kinds of factors that there are.
#[derive(ToSchema)]
pub struct MyFactorKinds {
    /// The kinds.
    pub factors: Vec<MyFactorKind>,
}

/// A kind of factors.
#[derive(ToSchema)]
pub struct MyFactorKind {
    /// `totp`, `email`, `phone`, `recovery-code`, `passkey` or `password`.
    #[schema(rename = "type")]
    pub kind: String,
    /// `primary` or `secondary`.
    pub usage: Vec<String>,
}

/// The methods of a user.
#[derive(ToSchema)]
pub struct MyMethods {
    /// The methods.
    pub authentication_methods: Vec<MyMethod>,
}

/// A method by which a user authenticates.
#[derive(ToSchema)]
pub struct MyMethod {
    /// Its identifier.
    pub id: String,
    /// `totp`, `email`, `phone`, `recovery-code`, `passkey` or `password`.
    #[schema(rename = "type")]
    pub kind: String,
    /// When the method was begun.
    pub created_at: String,
    /// `secondary`; `primary` for a passkey and a password.
    pub usage: Vec<String>,
    /// What the user calls the method.
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// Whether the method was confirmed. Not with `password`.
    #[schema(nullable = false)]
    pub confirmed: Option<bool>,
    /// With `email`: the address.
    #[schema(nullable = false)]
    pub email: Option<String>,
    /// With `phone`: the number, by its last four digits.
    #[schema(nullable = false)]
    pub phone_number: Option<String>,
    /// With `phone`: `sms`.
    #[schema(nullable = false)]
    pub preferred_authentication_method: Option<String>,
    /// True if messages came back, so that codes may not arrive.
    #[schema(nullable = false)]
    pub undeliverable: Option<bool>,
    /// With `passkey`: whether the private key has been copied to other devices.
    #[schema(nullable = false)]
    pub credential_backed_up: Option<bool>,
    /// With `passkey`: `single_device`, or `multi_device` if the key may be copied.
    #[schema(nullable = false)]
    pub credential_device_type: Option<String>,
    /// With `passkey` and `password`: the user.
    #[schema(nullable = false)]
    pub identity_user_id: Option<String>,
    /// With `passkey`: the identifier of the credential.
    #[schema(nullable = false)]
    pub key_id: Option<String>,
    /// With `passkey`: the public key.
    #[schema(nullable = false)]
    pub public_key: Option<String>,
    /// With `passkey`: what the authenticator knows the user by.
    #[schema(nullable = false)]
    pub user_handle: Option<String>,
    /// With `password`: when the password was last changed.
    #[schema(nullable = false)]
    pub last_password_reset: Option<String>,
    /// With `passkey`: when it last signed the user in.
    #[schema(nullable = false)]
    pub last_auth_at: Option<String>,
}

/// `GET /me/v1/factors`: the kinds of factors that this service has.
#[operation(
    summary = "Lists the kinds of factors that there are.",
    responses((status = 200, description = "The kinds.", body = MyFactorKinds)),
    security(("access_token" = ["read:me:factors"])),
)]
pub async fn my_factor_kinds(input: Input) -> Response {
    let read = account(&input, KnownScope::ReadMyFactors).await;
    let answered = read.map(|_| {
        let offer = &input.context.app.config.offer;
        let mut kinds = vec![json!({ "type": "password", "usage": ["primary"] })];
        if input.context.app.config.passkeys.domain.is_some() {
            kinds.push(json!({ "type": "passkey", "usage": ["primary"] }));
        }
        for (kind, channel) in [
            ("totp", None),
            ("phone", Some(Channel::Sms)),
            ("email", Some(Channel::Email)),
            ("recovery-code", None),
        ] {
            if channel.is_none_or(|channel| offer.enrollable().contains(&channel.into())) {
                kinds.push(json!({ "type": kind, "usage": ["secondary"] }));
            }
        }
        json!({ "factors": kinds })
    });
    answer_json(&input, answered)
}

/// `GET /me/v1/authentication-methods`: the methods of the user.
#[operation(
    summary = "Lists the user's methods.",
    params(("type" = Option<String>, Query, description = "The type of the methods to list.")),
    responses((status = 200, description = "The methods.", body = MyMethods)),
    security(("access_token" = ["read:me:authentication_methods"])),
)]
pub async fn my_methods(input: Input) -> Response {
    answer_json(&input, listed(&input).await)
}

/// The types of Auth0's methods. This service has some of them.
const TYPES: [&str; 9] = [
    "email",
    "passkey",
    "password",
    "phone",
    "push-notification",
    "recovery-code",
    "totp",
    "webauthn-platform",
    "webauthn-roaming",
];

async fn listed(input: &Input) -> Result<Value, Failure> {
    let wanted = input.query()?.get("type");
    if wanted.is_some_and(|kind| !TYPES.contains(&kind)) {
        let (name, problem) = ("type", "type is no type of a method");
        return Err(Refusal::ParameterInvalid { name, problem }.into());
    }
    let account = account(input, KnownScope::ReadMyMethods).await?;
    let mut methods = methods_of(&account, input.context.now());
    methods.retain(|method| wanted.is_none_or(|kind| method["type"] == *kind));
    Ok(json!({ "authentication_methods": methods }))
}

/// `GET /me/v1/authentication-methods/{id}`: a method of the user.
#[operation(
    summary = "Gives one of the user's methods.",
    params(("id" = String, Path, description = "Its identifier, as the list has it.", example = "totp|dev_0123456789abcdef0123456789abcdef")),
    responses((status = 200, description = "The method.", body = MyMethod)),
    security(("access_token" = ["read:me:authentication_methods"])),
)]
pub async fn my_method(id: Result<Path<String>, PathRejection>, input: Input) -> Response {
    let id = text_of(id);
    let read = account(&input, KnownScope::ReadMyMethods).await;
    let now = input.context.now();
    let found = read.and_then(|account| {
        let mut methods = methods_of(&account, now).into_iter();
        let found = methods.find(|method| method["id"] == *id);
        found.ok_or_else(|| EnrolmentRefusal::FactorNotFound.into())
    });
    answer_json(&input, found)
}

/// `DELETE /me/v1/authentication-methods/{id}`: removes a method. The session has to have
/// shown the user's strongest factor in the last ten minutes.
#[operation(
    summary = "Removes one of the user's methods.",
    params(("id" = String, Path, description = "Its identifier, as the list has it.", example = "totp|dev_0123456789abcdef0123456789abcdef")),
    responses((status = 204, description = "It is removed.")),
    security(("access_token" = ["delete:me:authentication_methods"])),
)]
pub async fn remove_my_method(id: Result<Path<String>, PathRejection>, input: Input) -> Response {
    match removed(&text_of(id), &input).await {
        Ok(()) => private(StatusCode::NO_CONTENT.into_response()),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn removed(id: &str, input: &Input) -> Result<(), Failure> {
    let token = RemovalToken::of_my_account(bearer(&input.headers)?);
    if let Some(owner) = password_owner(id) {
        let account = account(input, KnownScope::DeleteMyMethods).await?;
        return Err(kept_password(&account.user, owner).into());
    }
    let (method, factor) = authenticator::parse_id(id).ok_or(EnrolmentRefusal::FactorNotFound)?;
    remove_factor(&input.context, token, method, factor).await
}

async fn account(input: &Input, scope: KnownScope) -> Result<Account, Failure> {
    my_factors(&input.context, bearer(&input.headers)?, scope).await
}

/// The answer to a request that was answered with JSON, or refused.
pub(super) fn answer_json(input: &Input, made: Result<Value, Failure>) -> Response {
    match made {
        Ok(body) => private_json(StatusCode::OK, &body),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

/// A path that cannot be decoded as text gives an empty identifier, which does not exist.
pub(in crate::wire::auth0) fn text_of(id: Result<Path<String>, PathRejection>) -> String {
    id.map(|Path(id)| id).unwrap_or_default()
}

/// The methods of the user.
pub(super) fn methods_of(account: &Account, now: Timestamp) -> Vec<Value> {
    let live = account.factors.iter().filter(|one| one.is_live(now));
    let mut methods: Vec<Value> = password_of(&account.user).into_iter().collect();
    methods.extend(live.map(|one| named_method(one, &account.user)));
    let codes = account.recovery.iter();
    for codes in codes.filter(|codes| !codes.hashes.is_empty()) {
        methods.push(recovery_code_of(codes.id, &account.user));
    }
    methods
}

/// A factor in the words of the My Account API, with the name that the user gave it.
fn named_method(factor: &Factor, user: &User) -> Value {
    let mut method = match factor.is_second() {
        true => authenticator::with_mark(method_of(factor), factor, user),
        false => passkey_of(factor, user),
    };
    let mut names = user.factor_names.iter();
    if let Some((_, name)) = names.find(|(id, _)| *id == factor.id) {
        method["name"] = json!(name);
    }
    method
}

/// The recovery code in the words of the My Account API.
pub(super) fn recovery_code_of(id: FactorId, user: &User) -> Value {
    json!({
        "id": authenticator::authenticator_id(Method::RecoveryCode, id),
        "type": "recovery-code",
        "created_at": when(user.created_at),
        "usage": ["secondary"],
        "confirmed": true,
    })
}

/// A passkey in the words of the My Account API. Auth0 calls the user's identifier the
/// identity's.
pub(super) fn passkey_of(factor: &Factor, user: &User) -> Value {
    let base64url = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let handle = user
        .passkey_handle
        .map(|handle| base64url(handle.as_bytes()));
    let Some(passkey) = factor.passkey() else {
        return method_of(factor);
    };
    let mut method = json!({
        "id": authenticator::authenticator_id(Method::Passkey, factor.id),
        "type": "passkey",
        "created_at": when(factor.created_at),
        "usage": match factor.was_enrolled_as_second() {
            true => json!(["primary", "secondary"]),
            false => json!(["primary"]),
        },
        "confirmed": factor.confirmed,
        "credential_backed_up": passkey.is_copied,
        "credential_device_type": match passkey.key_place() {
            KeyPlace::Hardware => "single_device",
            KeyPlace::Software => "multi_device",
        },
        "identity_user_id": user.subject(),
        "key_id": base64url(&passkey.credential),
        "public_key": passkey.public_key,
        "user_handle": handle.unwrap_or_default(),
    });
    if let Some(at) = passkey.last_used_at {
        method["last_auth_at"] = json!(when(at));
    }
    method
}

/// A second factor in the words of the My Account API.
pub(super) fn method_of(factor: &Factor) -> Value {
    let mut method = json!({
        "id": authenticator::authenticator_id(factor.method(), factor.id),
        "type": "totp",
        "created_at": when(factor.created_at),
        "usage": ["secondary"],
        "confirmed": factor.confirmed,
    });
    if let FactorKind::Address { channel, to } = &factor.kind {
        match channel {
            Channel::Email => {
                method["type"] = json!("email");
                method["email"] = json!(to);
            }
            Channel::Sms | Channel::Webhook => {
                method["type"] = json!("phone");
                method["phone_number"] = json!(authenticator::masked(to));
                method["preferred_authentication_method"] = json!("sms");
            }
        }
    }
    method
}
