//! `POST /oauth/introspect` (RFC 7662).

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::failure::Failure;
use crate::usecase::authorization::authenticate_client::authenticate_client;
use crate::usecase::sessions::introspect::introspect;
use crate::wire::credentials::client_credentials;
use crate::wire::input::Input;
use crate::wire::oauth::accounts::user_info::OneOrSeveral;
use crate::wire::{failure, private_json};

/// Asks whether a token is still good (RFC 7662 2.1).
#[derive(ToSchema)]
pub struct IntrospectionRequest {
    /// The access token or the refresh token.
    pub token: String,
    /// Accepted, and not needed.
    pub token_type_hint: Option<String>,
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// The client's secret.
    pub client_secret: Option<String>,
}

/// Whether the token is good, and its claims if it is (RFC 7662 2.2).
#[derive(ToSchema)]
pub struct Introspection {
    /// Whether the token is live, and one that this client may see.
    pub active: bool,
    /// The scopes, separated by spaces.
    #[schema(nullable = false)]
    pub scope: Option<String>,
    /// The client that the token was given to.
    #[schema(nullable = false)]
    pub client_id: Option<String>,
    /// The same client.
    #[schema(nullable = false)]
    pub azp: Option<String>,
    /// Of an access token: `Bearer`, or `DPoP` if the token is bound to a key.
    #[schema(nullable = false)]
    pub token_type: Option<String>,
    /// When the token expires.
    #[schema(nullable = false)]
    pub exp: Option<i64>,
    /// When the token was issued.
    #[schema(nullable = false)]
    pub iat: Option<i64>,
    /// The key that the token is bound to.
    #[schema(nullable = false)]
    pub cnf: Option<BoundKey>,
    /// The user, or the client of a machine.
    #[schema(nullable = false)]
    pub sub: Option<String>,
    /// The audiences.
    #[schema(nullable = false)]
    pub aud: Option<OneOrSeveral>,
    /// The issuer.
    #[schema(nullable = false)]
    pub iss: Option<String>,
    /// The token's identifier.
    #[schema(nullable = false)]
    pub jti: Option<String>,
    /// The session.
    #[schema(nullable = false)]
    pub sid: Option<String>,
    /// When the user authenticated.
    #[schema(nullable = false)]
    pub auth_time: Option<i64>,
    /// The level of authentication.
    #[schema(nullable = false)]
    pub acr: Option<String>,
    /// The methods of authentication.
    #[schema(nullable = false)]
    pub amr: Option<Vec<String>>,
    /// Of a machine's token: `client-credentials`.
    #[schema(nullable = false)]
    pub gty: Option<String>,
}

/// The key that a token is bound to (RFC 9449 6.1).
#[derive(ToSchema)]
pub struct BoundKey {
    /// The thumbprint of the key (RFC 7638).
    pub jkt: String,
}

/// `POST /oauth/introspect` (RFC 7662): takes `token` and the credentials of a client with
/// a secret. Answers `active` `false`, and nothing else, for a token that is over and for a
/// token that is not for this client.
#[operation(
    summary = "Says whether a token is still good (RFC 7662).",
    request_body = IntrospectionRequest,
    responses((status = 200, description = "Whether it is good, and its claims.", body = Introspection)),
    security(("client" = [])),
)]
pub async fn introspection(input: Input) -> Response {
    let now = input.context.now();
    match introspected(&input).await {
        Ok(body) => private_json(StatusCode::OK, &body),
        Err(refused) => failure(input.words, refused, now),
    }
}

async fn introspected(input: &Input) -> Result<Value, Failure> {
    let fields = input.fields()?;
    let credentials = client_credentials(&input.headers, fields)?;
    let context = authenticate_client(&input.context, &credentials).await?;
    let token = fields.required("token")?;
    Ok(match introspect(&context, token).await? {
        None => json!({ "active": false }),
        Some(mut claims) => {
            claims.insert("active".into(), json!(true));
            Value::Object(claims)
        }
    })
}
