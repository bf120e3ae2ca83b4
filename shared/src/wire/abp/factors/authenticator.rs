//! ABP's REST calls for two-factor settings: the authenticator app, and whether a
//! second factor is required. All of them take an access token.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::accounts::user::Account;
use crate::domain::factors::enrolment::MfaPolicy;
use crate::domain::factors::factor::{Factor, in_groups};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::factors::authenticator_app::{
    authenticator_key, confirm_authenticator, look_at_account, reset_authenticator,
};
use crate::usecase::factors::require_second_factor::set_two_factor;
use crate::wire::credentials::bearer;
use crate::wire::input::Input;
use crate::wire::{failure, private, private_json};

/// `GET /api/account/has-authenticator-key`: whether the user has a confirmed
/// authenticator app.
#[operation(
    summary = "Tells whether the user has a confirmed authenticator app.",
    responses((status = 200, description = "Whether.", body = bool, content_type = "application/json")),
    security(("access_token" = [])),
)]
pub async fn has_key(input: Input) -> Response {
    look(&input, |account| {
        account.active_factors().any(Factor::is_totp)
    })
    .await
}

/// `GET /api/account/my-profile/two-factor-enabled`: whether the user has turned
/// two-factor on.
#[operation(
    summary = "Tells whether a second factor is demanded of the user.",
    responses((status = 200, description = "Whether.", body = bool, content_type = "application/json")),
    security(("access_token" = [])),
)]
pub async fn enabled(input: Input) -> Response {
    look(&input, |account| account.user.two_factor).await
}

/// `GET /api/account/my-profile/can-enable-two-factor`: whether the user may turn
/// two-factor on. The user needs a provider, and the policy must not be `disabled`.
#[operation(
    summary = "Tells whether the user may turn two-factor on.",
    responses((status = 200, description = "Whether.", body = bool, content_type = "application/json")),
    security(("access_token" = [])),
)]
pub async fn can_enable(input: Input) -> Response {
    let allowed = input.context.app.config.mfa_policy != MfaPolicy::Disabled;
    look(&input, |account| allowed && account.has_provider()).await
}

async fn look(input: &Input, says: impl Fn(&Account) -> bool) -> Response {
    let looked = match bearer(&input.headers) {
        Ok(token) => look_at_account(&input.context, token).await,
        Err(refusal) => Err(refusal.into()),
    };
    answer(input, looked.map(|account| json!(says(&account))))
}

fn answer(input: &Input, result: Result<Value, Failure>) -> Response {
    match result {
        Ok(body) => private_json(StatusCode::OK, &body),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

/// The authenticator app that is to be confirmed.
#[derive(ToSchema)]
pub struct AbpAuthenticatorInfo {
    /// The seed, in base32.
    pub key: String,
    /// What the QR code holds.
    pub uri: String,
}

/// `GET /api/account/authenticator-info`: gives the `key` of an authenticator app that
/// is not confirmed yet, and the `uri` for its QR code. Both stay the same until the
/// app is confirmed.
#[operation(
    summary = "Gives the key of the authenticator app that is to be confirmed.",
    responses((status = 200, description = "The key, the same until it is confirmed.", body = AbpAuthenticatorInfo)),
    security(("access_token" = [])),
)]
pub async fn info(input: Input) -> Response {
    answer(&input, key(&input).await)
}

async fn key(input: &Input) -> Result<Value, Failure> {
    let token = bearer(&input.headers)?;
    let shown = authenticator_key(&input.context, token).await?;
    Ok(json!({ "key": shown.key.expose(), "uri": shown.uri.expose() }))
}

/// A code of the app that is to be confirmed.
#[derive(ToSchema)]
pub struct AbpAuthenticatorCode {
    /// Six digits.
    pub code: String,
}

/// Recovery codes, shown once.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpRecoveryCodes {
    /// The codes.
    pub recovery_codes: Vec<String>,
}

/// `POST /api/account/verify-authenticator-code` with `code`: confirms the app. Gives
/// `recoveryCodes`.
#[operation(
    summary = "Confirms the authenticator app.",
    request_body = AbpAuthenticatorCode,
    responses((status = 200, description = "The recovery codes.", body = AbpRecoveryCodes)),
    security(("access_token" = [])),
)]
pub async fn verify_app(input: Input) -> Response {
    answer(&input, verified(&input).await)
}

async fn verified(input: &Input) -> Result<Value, Failure> {
    let token = bearer(&input.headers)?;
    let code = input.fields()?.required_secret_any_case("code")?;
    let codes = confirm_authenticator(&input.context, token, code).await?;
    let codes: Vec<Secret> = codes.iter().map(in_groups).collect();
    let codes: Vec<&str> = codes.iter().map(Secret::expose).collect();
    Ok(json!({ "recoveryCodes": codes }))
}

/// `POST /api/account/reset-authenticator`: removes the app. Answers 204.
#[operation(
    summary = "Removes the authenticator app.",
    responses((status = 204, description = "It is done.")),
    security(("access_token" = [])),
)]
pub async fn reset_app(input: Input) -> Response {
    let done = match bearer(&input.headers) {
        Ok(token) => reset_authenticator(&input.context, token).await,
        Err(refusal) => Err(refusal.into()),
    };
    no_content(&input, done)
}

/// `POST /api/account/my-profile/set-two-factor-enabled?enabled=`: turns two-factor on
/// or off. Answers 204.
#[operation(
    summary = "Turns two-factor on or off.",
    params(("enabled" = bool, Query, description = "Whether it is to be on.")),
    responses((status = 204, description = "It is done.")),
    security(("access_token" = [])),
)]
pub async fn set_enabled(input: Input) -> Response {
    let done = set(&input).await;
    no_content(&input, done)
}

async fn set(input: &Input) -> Result<(), Failure> {
    let token = bearer(&input.headers)?;
    let enabled = input.query()?.required_any_case("enabled")?;
    let enabled = match enabled.to_ascii_lowercase().as_str() {
        "true" => true,
        "false" => false,
        _ => {
            let wrong = "The field enabled must be true or false.";
            return Err(Refusal::RequestMalformed(wrong).into());
        }
    };
    set_two_factor(&input.context, token, enabled).await
}

fn no_content(input: &Input, done: Result<(), Failure>) -> Response {
    match done {
        Ok(()) => private(StatusCode::NO_CONTENT.into_response()),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}
