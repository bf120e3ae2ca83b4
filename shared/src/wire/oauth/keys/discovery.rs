//! The metadata of an issuer, and its public keys.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::Dialect;
use crate::domain::authorization::grant::Grant;
use crate::domain::authorization::key_proof::PROOF_ALGORITHMS;
use crate::failure::Broken;
use crate::usecase::keys::publish_keys::publish_keys;
use crate::wire::aidbox::pages::authorization::authorize::add_metadata;
use crate::wire::failure;
use crate::wire::grants::token_grants;
use crate::wire::input::Input;

/// The `Cache-Control` header of metadata and keys. A new key is published a day before
/// it signs.
const CACHE: &str = "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400";

/// What there is and where (OpenID Connect Discovery 3, RFC 8414 2).
#[derive(ToSchema)]
pub struct Metadata {
    /// The issuer of every token.
    pub issuer: String,
    /// Where tokens are asked for.
    pub token_endpoint: String,
    /// Where a user's claims are asked for.
    pub userinfo_endpoint: String,
    /// Where a session is ended.
    pub revocation_endpoint: String,
    /// Where a client with a secret asks whether a token is still good.
    pub introspection_endpoint: String,
    /// Where the public keys are.
    pub jwks_uri: String,
    /// The grants.
    pub grant_types_supported: Vec<String>,
    /// Of Aidbox's pages, where they are switched on.
    pub response_types_supported: Vec<String>,
    /// `public`.
    pub subject_types_supported: Vec<String>,
    /// How tokens are signed.
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// The scopes of OpenID Connect.
    pub scopes_supported: Vec<String>,
    /// The claims.
    pub claims_supported: Vec<String>,
    /// The levels of authentication.
    pub acr_values_supported: Vec<String>,
    /// How clients authenticate.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// How clients authenticate.
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// How clients authenticate.
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// How proofs of a key may be signed (RFC 9449).
    pub dpop_signing_alg_values_supported: Vec<String>,
    /// `false`.
    pub request_parameter_supported: bool,
    /// `false`.
    pub request_uri_parameter_supported: bool,
    /// Where Auth0's dialect is switched on.
    #[schema(nullable = false)]
    pub mfa_challenge_endpoint: Option<String>,
    /// Where Auth0's dialect is switched on, as the next three.
    #[schema(nullable = false)]
    pub end_session_endpoint: Option<String>,
    /// Where a client sends a request before the browser (RFC 9126).
    #[schema(nullable = false)]
    pub pushed_authorization_request_endpoint: Option<String>,
    /// `false`.
    #[schema(nullable = false)]
    pub require_pushed_authorization_requests: Option<bool>,
    /// Where an app of the operator's own signs a user in without a browser
    /// (draft-ietf-oauth-first-party-apps 8).
    #[schema(nullable = false)]
    pub authorization_challenge_endpoint: Option<String>,
    /// Where Auth0's dialect or Aidbox's pages are switched on, as all that follow.
    #[schema(nullable = false)]
    pub authorization_endpoint: Option<String>,
    /// Where codes and tokens stand in the redirect URI.
    #[schema(nullable = false)]
    pub response_modes_supported: Option<Vec<String>>,
    /// `S256` (RFC 7636).
    #[schema(nullable = false)]
    pub code_challenge_methods_supported: Option<Vec<String>>,
    /// `true` (RFC 9207).
    #[schema(nullable = false)]
    pub authorization_response_iss_parameter_supported: Option<bool>,
    /// What `prompt` may ask for.
    #[schema(nullable = false)]
    pub prompt_values_supported: Option<Vec<String>>,
    /// `false`: the parameter `claims` changes nothing.
    #[schema(nullable = false)]
    pub claims_parameter_supported: Option<bool>,
    /// The language of the pages: `en`.
    #[schema(nullable = false)]
    pub ui_locales_supported: Option<Vec<String>>,
}

/// `GET /.well-known/openid-configuration` and
/// `/.well-known/oauth-authorization-server` (OpenID Connect Discovery 3, RFC 8414 2).
#[operation(
    summary = "Says what there is and where (OpenID Connect Discovery 3, RFC 8414 2).",
    responses((status = 200, description = "The metadata.", body = Metadata)),
)]
pub async fn metadata(input: Input) -> Response {
    let own = input.context.caller.issuer;
    let issuer = own.url(&input.context.app.config.issuer);
    let mut algorithms = vec![input.context.app.config.signing_algorithm.name()];
    // OpenID Connect Discovery 3 requires RS256. Besides, after a change of the
    // algorithm, the previous key goes on signing for a day.
    if !algorithms.contains(&"RS256") {
        algorithms.push("RS256");
    }
    let serves = |dialect| input.context.app.config.dialects.contains(&dialect);
    let plain = || Dialect::of_plain_issuer(serves);
    let dialect = own.dialect().unwrap_or_else(plain);
    let mut dialects = input.context.app.config.dialects.iter();
    // Only the pages issue authorization codes.
    let pages = dialect.has_pages() || dialects.any(|served| served.lends_pages());
    let takes_passkeys = input.context.app.config.passkeys.domain.is_some();
    let served =
        |grant: &Grant| dialect.takes_grant(*grant) && (!grant.is_of_passkeys() || takes_passkeys);
    let grants: Vec<&str> = match pages {
        true => Grant::ALL
            .into_iter()
            .filter(served)
            .map(Grant::name)
            .collect(),
        false => token_grants()
            .filter(|grant| *grant != Grant::AuthorizationCode && served(grant))
            .map(Grant::name)
            .collect(),
    };
    let mut body = json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}{}", dialect.token_path()),
        "userinfo_endpoint": format!("{issuer}userinfo"),
        "revocation_endpoint": format!("{issuer}oauth/revoke"),
        "introspection_endpoint": format!("{issuer}oauth/introspect"),
        "jwks_uri": format!("{issuer}.well-known/jwks.json"),
        "grant_types_supported": grants,
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
        "scopes_supported": ["openid", "profile", "email", "phone", "offline_access"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "at_hash", "name",
            "given_name", "family_name", "nickname", "picture", "preferred_username", "email",
            "email_verified", "phone_number", "phone_number_verified",
        ],
        "acr_values_supported": ["aal1", "aal2"],
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post"],
        "dpop_signing_alg_values_supported": PROOF_ALGORITHMS,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    });
    if pages {
        let path = dialect.authorization_path();
        add_metadata(&format!("{issuer}{path}"), &mut body);
    }
    if dialect.names_more_endpoints() {
        body["mfa_challenge_endpoint"] = json!(format!("{issuer}mfa/challenge"));
        body["end_session_endpoint"] = json!(format!("{issuer}oidc/logout"));
        body["pushed_authorization_request_endpoint"] = json!(format!("{issuer}oauth/par"));
        body["require_pushed_authorization_requests"] = json!(false);
        body["authorization_challenge_endpoint"] = json!(format!("{issuer}authorize-challenge"));
    }
    public_json(&body)
}

/// Public keys (RFC 7517 5).
#[derive(ToSchema)]
pub struct KeySet {
    /// The keys.
    pub keys: Vec<PublicKey>,
}

/// A public key of RSA or of an elliptic curve (RFC 7517, RFC 7518 6).
#[derive(ToSchema)]
pub struct PublicKey {
    /// `RSA` or `EC`.
    pub kty: String,
    /// Its thumbprint (RFC 7638).
    pub kid: String,
    /// `sig`.
    #[schema(rename = "use")]
    pub usage: String,
    /// `RS256` or `ES256`.
    pub alg: String,
    /// Of RSA: the modulus.
    #[schema(nullable = false)]
    pub n: Option<String>,
    /// Of RSA: the exponent.
    #[schema(nullable = false)]
    pub e: Option<String>,
    /// Of a curve: its name.
    #[schema(nullable = false)]
    pub crv: Option<String>,
    /// Of a curve: a coordinate.
    #[schema(nullable = false)]
    pub x: Option<String>,
    /// Of a curve: a coordinate.
    #[schema(nullable = false)]
    pub y: Option<String>,
}

/// `GET /.well-known/jwks.json` (RFC 7517 5). The first call makes the first keys.
#[operation(
    summary = "Gives the public keys that tokens are signed with (RFC 7517 5).",
    responses((status = 200, description = "The keys.", body = KeySet)),
)]
pub async fn key_set(input: Input) -> Response {
    let now = input.context.now();
    let keys = match publish_keys(&input.context.app, now).await {
        Ok(keys) => keys,
        Err(broken) => return failure(input.words, broken.into(), now),
    };
    let keys: Result<Vec<Value>, _> = keys
        .iter()
        .map(|key| serde_json::from_str(&key.jwk))
        .collect();
    match keys {
        Ok(keys) => public_json(&json!({ "keys": keys })),
        Err(_) => {
            let broken = Broken::internal("a stored public key is unreadable");
            failure(input.words, broken.into(), now)
        }
    }
}

pub(super) fn public_json(body: &Value) -> Response {
    (StatusCode::OK, [(CACHE_CONTROL, CACHE)], Json(body)).into_response()
}
