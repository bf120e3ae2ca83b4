//! What Auth0's routes take and give, for the OpenAPI document.
//!
//! Nothing is read or written through these types: handlers read `Fields` and
//! write `json!`. The tests hold every answer to them.

use utoipa::ToSchema;

/// A refusal or a fault. Auth0's SDKs match these texts exactly.
#[derive(ToSchema)]
pub struct Auth0Error {
    /// What class of error it is.
    #[schema(example = "invalid_grant")]
    pub error: String,
    /// What went wrong.
    #[schema(example = "Wrong email or password.")]
    pub error_description: String,
    /// With `delivery_failed`, and with `too_many_attempts` where too many were sent: the other factors that could complete the login.
    #[schema(nullable = false)]
    pub available_authenticators: Option<Vec<Authenticator>>,
}

/// The grants.
#[derive(ToSchema)]
pub enum GrantType {
    /// User name and password (RFC 6749 4.3).
    #[schema(rename = "password")]
    Password,
    /// The same with a `realm`, which is accepted and not needed.
    #[schema(rename = "http://auth0.com/oauth/grant-type/password-realm")]
    PasswordRealm,
    /// A code of an authenticator app.
    #[schema(rename = "http://auth0.com/oauth/grant-type/mfa-otp")]
    MfaOtp,
    /// A code that was sent.
    #[schema(rename = "http://auth0.com/oauth/grant-type/mfa-oob")]
    MfaOob,
    /// A recovery code.
    #[schema(rename = "http://auth0.com/oauth/grant-type/mfa-recovery-code")]
    MfaRecoveryCode,
    /// New tokens for a refresh token (RFC 6749 6).
    #[schema(rename = "refresh_token")]
    RefreshToken,
    /// A code that Aidbox's pages gave (RFC 6749 4.1.3).
    #[schema(rename = "authorization_code")]
    AuthorizationCode,
}

/// A request for tokens. Which members are needed is a matter of the grant.
#[derive(ToSchema)]
#[schema(example = json!({
    "grant_type": "password", "client_id": "demo", "username": "user@example.com",
    "password": "pwd", "audience": "https://someapi.com/api",
    "scope": "openid profile offline_access read:sample"
}))]
pub struct Auth0TokenRequest {
    /// Which grant it is.
    pub grant_type: GrantType,
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret, unless HTTP Basic holds it.
    pub client_secret: Option<String>,
    /// The user name or e-mail address. Needed with a password.
    pub username: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// Accepted with `password-realm`, and not needed.
    pub realm: Option<String>,
    /// The API that the access token is for; the client's first one if absent.
    pub audience: Option<String>,
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
    /// The token of the pending login. Needed with each `mfa` grant; beside a
    /// password it completes a login that was verified.
    pub mfa_token: Option<String>,
    /// The six digits of an authenticator app.
    pub otp: Option<String>,
    /// What `/mfa/challenge` gave.
    pub oob_code: Option<String>,
    /// The six digits that were sent.
    pub binding_code: Option<String>,
    /// A recovery code.
    pub recovery_code: Option<String>,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// The authorization code.
    pub code: Option<String>,
    /// The redirect URI that the code was sent to.
    pub redirect_uri: Option<String>,
    /// What the code's challenge was made of (RFC 7636).
    pub code_verifier: Option<String>,
}

/// Tokens (RFC 6749 5.1, OpenID Connect Core 3.1.3.3).
#[derive(ToSchema)]
pub struct TokenAnswer {
    /// A JWT (RFC 9068).
    pub access_token: String,
    /// The scopes that were granted, separated by spaces.
    pub scope: String,
    /// How long the access token is good, in seconds.
    pub expires_in: i64,
    /// How the access token is shown.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// With the scope `openid`.
    #[schema(nullable = false)]
    pub id_token: Option<String>,
    /// With the scope `offline_access`.
    #[schema(nullable = false)]
    pub refresh_token: Option<String>,
    /// The new recovery code, when one was used. Shown once.
    #[schema(nullable = false)]
    pub recovery_code: Option<String>,
}

/// The password was right, and a second factor is needed.
#[derive(ToSchema)]
pub struct MfaRequired {
    /// `mfa_required`.
    #[schema(example = "mfa_required")]
    pub error: String,
    /// `Multifactor authentication required`.
    pub error_description: String,
    /// Names the pending login in every request that completes it.
    pub mfa_token: String,
    /// What the user can answer.
    pub mfa_requirements: MfaRequirements,
}

/// What the user can answer, or what may be enrolled if there is nothing.
#[derive(ToSchema)]
pub struct MfaRequirements {
    /// The kinds of factors that the user has.
    #[schema(nullable = false)]
    pub challenge: Option<Vec<MfaRequirement>>,
    /// The kinds of factors that the user may enrol.
    #[schema(nullable = false)]
    pub enroll: Option<Vec<MfaRequirement>>,
}

/// A kind of factor.
#[derive(ToSchema)]
pub struct MfaRequirement {
    /// The kind.
    #[schema(rename = "type")]
    pub kind: FactorType,
}

/// Kinds of factors.
#[derive(ToSchema)]
pub enum FactorType {
    /// An authenticator app.
    #[schema(rename = "otp")]
    Otp,
    /// Text messages, and what the operator's webhook sends.
    #[schema(rename = "phone")]
    Phone,
    /// E-mail.
    #[schema(rename = "email")]
    Email,
    /// Recovery codes.
    #[schema(rename = "recovery-code")]
    RecoveryCode,
}

/// How codes are made known.
#[derive(ToSchema)]
pub enum AuthenticatorType {
    /// By an authenticator app.
    #[schema(rename = "otp")]
    Otp,
    /// By a message.
    #[schema(rename = "oob")]
    Oob,
    /// They were shown once.
    #[schema(rename = "recovery-code")]
    RecoveryCode,
}

/// Channels of messages.
#[derive(ToSchema)]
pub enum OobChannel {
    /// Text messages, and what the operator's webhook sends.
    #[schema(rename = "sms")]
    Sms,
    /// E-mail.
    #[schema(rename = "email")]
    Email,
}

/// A factor of a user.
#[derive(ToSchema)]
pub struct Authenticator {
    /// Its identifier.
    #[schema(example = "totp|dev_0123456789abcdef0123456789abcdef")]
    pub id: String,
    /// How its codes are made known.
    pub authenticator_type: AuthenticatorType,
    /// Its kind.
    #[schema(rename = "type")]
    pub kind: FactorType,
    /// Whether it was confirmed.
    pub active: bool,
    /// The channel of its messages.
    #[schema(nullable = false)]
    pub oob_channel: Option<OobChannel>,
    /// The same, as a list.
    #[schema(nullable = false)]
    pub oob_channels: Option<Vec<OobChannel>>,
    /// The address, a phone number by its last four digits.
    #[schema(nullable = false)]
    pub name: Option<String>,
}

/// Asks for a code.
#[derive(ToSchema)]
#[schema(example = json!({
    "mfa_token": "…", "client_id": "demo", "challenge_type": "oob", "oob_channel": "sms"
}))]
pub struct ChallengeRequest {
    /// The token of the pending login.
    pub mfa_token: String,
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret.
    pub client_secret: Option<String>,
    /// `otp`, `oob`, or both separated by a space; any if absent.
    pub challenge_type: Option<String>,
    /// One authenticator.
    pub authenticator_id: Option<String>,
    /// One channel.
    pub oob_channel: Option<OobChannel>,
}

/// What answers the challenge.
#[derive(ToSchema)]
pub struct Challenge {
    /// `otp`, or `oob` once a code is sent.
    pub challenge_type: ChallengeType,
    /// With `oob`: names the send in the `mfa-oob` grant.
    #[schema(nullable = false)]
    pub oob_code: Option<String>,
    /// With `oob`: `prompt`, the user types the code.
    #[schema(nullable = false, example = "prompt")]
    pub binding_method: Option<String>,
}

/// Kinds of challenges.
#[derive(ToSchema)]
pub enum ChallengeType {
    /// The code of an authenticator app.
    #[schema(rename = "otp")]
    Otp,
    /// A code that was sent.
    #[schema(rename = "oob")]
    Oob,
}

/// Shows a code without asking for tokens yet.
#[derive(ToSchema)]
pub struct VerifyRequest {
    /// The token of the pending login.
    pub mfa_token: String,
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret.
    pub client_secret: Option<String>,
    /// Six digits, or a recovery code.
    pub code: String,
    /// The factor, if the code is not of the one that was challenged last.
    pub authenticator_id: Option<String>,
}

/// The login is verified.
#[derive(ToSchema)]
pub struct Verified {
    /// `true`.
    pub verified: bool,
}

/// Begins an authenticator.
#[derive(ToSchema)]
#[schema(example = json!({ "authenticator_types": ["otp"] }))]
pub struct AssociateRequest {
    /// One kind; the first that is known counts. In a form, separated by
    /// spaces. `recovery-code` replaces the recovery code.
    pub authenticator_types: Vec<AuthenticatorType>,
    /// With `oob`: the channel.
    pub oob_channels: Option<Vec<OobChannel>>,
    /// With `sms`: the number in E.164.
    #[schema(example = "+15555550123")]
    pub phone_number: Option<String>,
    /// With `email`: the address; the user's own if absent.
    pub email: Option<String>,
}

/// What the first code is made by or answers.
#[derive(ToSchema)]
pub struct Associated {
    /// The kind that was begun.
    pub authenticator_type: AuthenticatorType,
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
    /// With the first factor, or when they were replaced. Shown once.
    #[schema(nullable = false)]
    pub recovery_codes: Option<Vec<String>>,
}
