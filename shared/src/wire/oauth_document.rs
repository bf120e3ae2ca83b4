//! What the plain OAuth 2.0 and OpenID Connect routes take and give, for the
//! OpenAPI document. The tests hold every answer to these types.

use serde::Serialize;
use utoipa::ToSchema;

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

/// An access token in a body, in place of the header (RFC 6750 2.2).
#[derive(ToSchema)]
pub struct UserInfoRequest {
    /// The access token.
    pub access_token: Option<String>,
}

/// The claims about a user that the token's scopes give (OpenID Connect Core 5.4).
#[derive(ToSchema)]
pub struct UserInfo {
    /// The user's identifier.
    pub sub: String,
    /// With `profile`.
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// With `profile`.
    #[schema(nullable = false)]
    pub preferred_username: Option<String>,
    /// With `profile`.
    #[schema(nullable = false)]
    pub given_name: Option<String>,
    /// With `profile`.
    #[schema(nullable = false)]
    pub family_name: Option<String>,
    /// With `email`.
    #[schema(nullable = false)]
    pub email: Option<String>,
    /// With `email`.
    #[schema(nullable = false)]
    pub email_verified: Option<bool>,
    /// With `phone`.
    #[schema(nullable = false)]
    pub phone_number: Option<String>,
    /// With `phone`.
    #[schema(nullable = false)]
    pub phone_number_verified: Option<bool>,
    /// With `roles` or `role`: one as itself, several as an array.
    #[schema(nullable = false)]
    pub role: Option<OneOrSeveral>,
}

/// One text as itself, several as an array.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum OneOrSeveral {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

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
    /// `false`.
    pub request_parameter_supported: bool,
    /// `false`.
    pub request_uri_parameter_supported: bool,
    /// Where Auth0's dialect is switched on.
    #[schema(nullable = false)]
    pub mfa_challenge_endpoint: Option<String>,
    /// Where Aidbox's pages are switched on, as all that follow.
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
