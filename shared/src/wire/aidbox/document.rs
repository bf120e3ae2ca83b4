//! What Aidbox's calls take and give, for the OpenAPI document. The tests hold
//! every answer to these types; the pages' are in `pages/document.rs`.

use utoipa::ToSchema;

/// A refusal or a fault.
#[derive(ToSchema)]
pub struct AidboxError {
    /// What class of error it is.
    #[schema(example = "invalid_grant")]
    pub error: String,
    /// What went wrong.
    #[schema(example = "Wrong user or password")]
    pub error_description: String,
    /// With `delivery_failed`, and with `too_many_attempts` where too many were sent: the other ways that could complete the login.
    #[schema(nullable = false)]
    pub available_transports: Option<Vec<AidboxTransport>>,
}

/// How a token reaches its user.
#[derive(ToSchema)]
pub enum AidboxTransport {
    /// An authenticator app makes it.
    #[schema(rename = "totp")]
    Totp,
    /// By e-mail.
    #[schema(rename = "email")]
    Email,
    /// By text message.
    #[schema(rename = "sms")]
    Sms,
    /// Through the operator's webhook.
    #[schema(rename = "webhook")]
    Webhook,
    /// It is a recovery code.
    #[schema(rename = "recovery")]
    Recovery,
}

/// The grants of Aidbox's clients.
#[derive(ToSchema)]
pub enum AidboxGrantType {
    /// User name and password (RFC 6749 4.3).
    #[schema(rename = "password")]
    Password,
    /// New tokens for a refresh token (RFC 6749 6).
    #[schema(rename = "refresh_token")]
    RefreshToken,
    /// A code of `/auth/authorize` (RFC 6749 4.1.3).
    #[schema(rename = "authorization_code")]
    AuthorizationCode,
}

/// A request for tokens. Which members are needed is a matter of the grant.
#[derive(ToSchema)]
#[schema(example = json!({
    "grant_type": "password", "client_id": "web", "username": "plain@example.com",
    "password": "pwd"
}))]
pub struct AidboxTokenRequest {
    /// Which grant it is.
    pub grant_type: AidboxGrantType,
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret.
    pub client_secret: Option<String>,
    /// The user name or e-mail address.
    pub username: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// Beside the password: six digits, or a recovery code.
    pub token: Option<String>,
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
    /// The API that the access token is for; the client's first one if absent.
    pub audience: Option<String>,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// The authorization code.
    pub code: Option<String>,
    /// The redirect URI that the code was sent to.
    pub redirect_uri: Option<String>,
    /// What the code's challenge was made of (RFC 7636).
    pub code_verifier: Option<String>,
}

/// Tokens, and whose they are.
#[derive(ToSchema)]
pub struct AidboxTokens {
    /// How the access token is shown.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// How long the access token is good, in seconds.
    pub expires_in: i64,
    /// A JWT (RFC 9068).
    pub access_token: String,
    /// With the scope `offline_access`.
    #[schema(nullable = false)]
    pub refresh_token: Option<String>,
    /// With the scope `openid`.
    #[schema(nullable = false)]
    pub id_token: Option<String>,
    /// Whose they are.
    pub userinfo: AidboxTokenUser,
}

/// Whose tokens they are.
#[derive(ToSchema)]
pub struct AidboxTokenUser {
    /// The user's identifier, a UUID.
    pub id: String,
    /// The e-mail address.
    #[schema(required)]
    pub email: Option<String>,
    /// `User`.
    #[schema(rename = "resourceType")]
    pub resource_type: String,
}

/// A `User`, without anything secret.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AidboxUser {
    /// `User`.
    pub resource_type: String,
    /// The identifier, a UUID.
    pub id: String,
    /// The user name.
    pub user_name: String,
    /// The e-mail address.
    #[schema(required)]
    pub email: Option<String>,
    /// Whether a second factor is asked for.
    pub two_factor: AidboxUserTwoFactor,
    /// The name, where one is known.
    #[schema(nullable = false)]
    pub name: Option<AidboxUserName>,
}

/// Whether a second factor is asked for.
#[derive(ToSchema)]
pub struct AidboxUserTwoFactor {
    /// Whether it is.
    pub enabled: bool,
    /// How tokens reach the user otherwise than by an authenticator app, as it was
    /// named when two-factor authentication was requested.
    #[schema(nullable = false)]
    pub transport: Option<String>,
}

/// A user's name.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AidboxUserName {
    /// The given name.
    #[schema(nullable = false)]
    pub given_name: Option<String>,
    /// The family name.
    #[schema(nullable = false)]
    pub family_name: Option<String>,
}

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
