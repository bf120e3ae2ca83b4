//! `POST /passkey/challenge`: what a passkey signs to sign in. The grant `webauthn` of
//! `/oauth/token` takes the signature.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::authorization::grant::Grant;
use crate::failure::Failure;
use crate::usecase::authorization::authenticate_client::authenticate_client;
use crate::usecase::client_context::ClientContext;
use crate::usecase::login::passkeys::challenge::passkey_challenge;
use crate::wire::auth0::accounts::connection::check_connection;
use crate::wire::credentials::client_credentials;
use crate::wire::fields::Fields;
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

/// Asks for a challenge.
#[derive(ToSchema)]
#[schema(example = json!({ "client_id": "demo" }))]
pub struct Auth0PasskeyChallenge {
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret.
    pub client_secret: Option<String>,
    /// A name of the directory of users.
    pub realm: Option<String>,
}

/// What a passkey signs.
#[derive(ToSchema)]
pub struct Auth0PasskeyOptions {
    /// What the app hands to the authenticator.
    pub authn_params_public_key: Auth0RequestOptions,
    /// Shown beside the signature at `/oauth/token`, within five minutes.
    pub auth_session: String,
}

/// `PublicKeyCredentialRequestOptions` of W3C Web Authentication, with base64url for bytes.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Auth0RequestOptions {
    /// What is signed.
    pub challenge: String,
    /// How long the user may take, in milliseconds.
    pub timeout: i64,
    /// The domain that the passkeys belong to.
    pub rp_id: String,
    /// `preferred`.
    pub user_verification: String,
    /// With `/mfa/challenge`: the user's passkeys, of which one has to sign.
    #[schema(nullable = false)]
    pub allow_credentials: Option<Vec<Auth0Credential>>,
}

/// A passkey that may sign.
#[derive(ToSchema)]
pub struct Auth0Credential {
    /// The credential.
    pub id: String,
    /// `public-key`.
    #[schema(rename = "type")]
    pub kind: String,
}

/// `POST /passkey/challenge`: a challenge for whoever signs it.
#[operation(
    summary = "Gives a challenge that a passkey signs to sign in.",
    request_body = Auth0PasskeyChallenge,
    responses((status = 200, description = "The challenge, good once and for five minutes.", body = Auth0PasskeyOptions)),
    security((), ("client" = [])),
)]
pub async fn auth0_passkey_challenge(input: Input) -> Response {
    match challenged(&input).await {
        Ok(body) => private_json(StatusCode::OK, &body),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn challenged(input: &Input) -> Result<Value, Failure> {
    let fields = input.fields()?;
    let context = passkey_client(input, fields).await?;
    let challenge = passkey_challenge(&context, None).await?;
    Ok(json!({
        "authn_params_public_key": challenge.options,
        "auth_session": challenge.token.expose(),
    }))
}

/// The client, if the client may use passkeys at the named directory.
///
/// # Errors
/// Those of `authenticate_client`; `GrantNotAllowed`; a directory that there is not.
pub(super) async fn passkey_client(
    input: &Input,
    fields: &Fields,
) -> Result<ClientContext, Failure> {
    let credentials = client_credentials(&input.headers, fields)?;
    let context = authenticate_client(&input.context, &credentials).await?;
    context.client.check_grant(Grant::Passkey)?;
    if let Some(realm) = fields.get("realm") {
        check_connection(&context.app, realm)?;
    }
    Ok(context)
}
