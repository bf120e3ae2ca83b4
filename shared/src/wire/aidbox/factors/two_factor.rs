//! The two-factor calls of Aidbox's demo app, under `/app/auth/two-factor/` and
//! `/auth/two-factor/`. All of them take an access token for the account as bearer.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::factors::factor::in_groups;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::factors::aidbox_two_factor::{
    Requested, confirm_two_factor, disable_two_factor, request_two_factor,
};
use crate::wire::aidbox::login::token::typed_evidence;
use crate::wire::credentials::bearer;
use crate::wire::input::Input;
use crate::wire::oauth::sessions::revocation::Empty;
use crate::wire::{failure, private_json};

/// Begins two-factor authentication.
#[derive(ToSchema)]
pub struct AidboxRequest {
    /// What the operator's webhook is told to send tokens by; by an authenticator
    /// app if absent.
    #[schema(example = "phone")]
    pub transport: Option<String>,
}

/// What an authenticator app is set up with; nothing once the token was sent.
#[derive(ToSchema)]
pub struct AidboxRequested {
    /// What the QR code holds.
    #[schema(nullable = false)]
    pub uri: Option<String>,
}

/// `POST …/request` with optionally `transport`. Gives the `uri` for the QR code of an
/// authenticator app, or sends a code through the webhook and gives `{}`.
#[operation(
    summary = "Begins two-factor authentication.",
    request_body = AidboxRequest,
    responses((status = 200, description = "It is begun.", body = AidboxRequested)),
    security(("access_token" = [])),
)]
pub async fn request(input: Input) -> Response {
    answer(&input, requested(&input).await)
}

async fn requested(input: &Input) -> Result<Value, Failure> {
    let token = bearer(&input.headers)?;
    let transport = input.fields()?.get("transport");
    match request_two_factor(&input.context, token, transport).await? {
        Requested::App(uri) => Ok(json!({ "uri": uri.expose() })),
        Requested::Sent => Ok(json!({})),
    }
}

/// A token.
#[derive(ToSchema)]
pub struct AidboxCode {
    /// Six digits; where two-factor authentication is turned off, a recovery
    /// code as well.
    #[schema(example = "123456")]
    pub token: String,
}

/// Two-factor authentication is on.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AidboxConfirmed {
    /// Each is good once in place of a token. Shown once.
    pub recovery_codes: Vec<String>,
}

/// `POST …/confirm` with `token`: turns two-factor authentication on. Our addition: the
/// answer has `recoveryCodes`, which are shown only once.
#[operation(
    summary = "Turns two-factor authentication on by the first code.",
    request_body = AidboxCode,
    responses((status = 200, description = "It is on.", body = AidboxConfirmed)),
    security(("access_token" = [])),
)]
pub async fn confirm_by_token(input: Input) -> Response {
    answer(&input, confirmed(&input).await)
}

async fn confirmed(input: &Input) -> Result<Value, Failure> {
    let token = bearer(&input.headers)?;
    let code = input.fields()?.required_secret("token")?;
    let codes = confirm_two_factor(&input.context, token, code).await?;
    let codes: Vec<Secret> = codes.iter().map(in_groups).collect();
    let codes: Vec<&str> = codes.iter().map(Secret::expose).collect();
    Ok(json!({ "recoveryCodes": codes }))
}

/// `POST …/disable` with `token`: turns two-factor authentication off. The token is a
/// code of the app, a code sent at a login, or a recovery code.
#[operation(
    summary = "Turns two-factor authentication off by a code.",
    request_body = AidboxCode,
    responses((status = 200, description = "It is off.", body = Empty)),
    security(("access_token" = [])),
)]
pub async fn disable(input: Input) -> Response {
    answer(&input, disabled(&input).await)
}

async fn disabled(input: &Input) -> Result<Value, Failure> {
    let token = bearer(&input.headers)?;
    let shown = typed_evidence(input.fields()?.required_secret("token")?);
    disable_two_factor(&input.context, token, &shown).await?;
    Ok(json!({}))
}

fn answer(input: &Input, result: Result<Value, Failure>) -> Response {
    match result {
        Ok(body) => private_json(StatusCode::OK, &body),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}
