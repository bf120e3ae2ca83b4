//! `POST /oauth/revoke` (RFC 7009).

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::json;
use utoipa::ToSchema;

use crate::failure::Failure;
use crate::usecase::authorization::authenticate_client::authenticate_client;
use crate::usecase::sessions::revoke::revoke;
use crate::wire::credentials::client_credentials;
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

/// Ends a session (RFC 7009).
#[derive(ToSchema)]
pub struct RevocationRequest {
    /// The refresh token or the access token.
    pub token: String,
    /// Accepted, and not needed.
    pub token_type_hint: Option<String>,
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret.
    pub client_secret: Option<String>,
}

/// Nothing.
#[derive(ToSchema)]
pub struct Empty {}

/// `POST /oauth/revoke` (RFC 7009): takes `token` and the client's
/// credentials; answers 200 whether or not the token was known.
#[operation(
    summary = "Ends the session of a refresh token or an access token (RFC 7009).",
    request_body = RevocationRequest,
    responses((status = 200, description = "It is ended, or was unknown.", body = Empty)),
    security((), ("client" = [])),
)]
pub async fn revocation(input: Input) -> Response {
    let now = input.context.now();
    match revoked(&input).await {
        Ok(()) => private_json(StatusCode::OK, &json!({})),
        Err(refused) => failure(input.words, refused, now),
    }
}

async fn revoked(input: &Input) -> Result<(), Failure> {
    let fields = input.fields()?;
    let credentials = client_credentials(&input.headers, fields)?;
    let context = authenticate_client(&input.context, &credentials).await?;
    revoke(&context, fields.required("token")?).await
}
