//! What ABP's routes take and give, for the OpenAPI document. The names of a
//! request's members arrive in any case. The tests hold every answer to these
//! types.

use utoipa::ToSchema;

use super::super::auth0::document::GrantType;

/// A refusal or a fault of the token endpoint, as OpenIddict says it.
#[derive(ToSchema)]
pub struct AbpTokenError {
    /// What class of error it is.
    #[schema(example = "invalid_grant")]
    pub error: String,
    /// What went wrong, or what comes next.
    #[schema(example = "RequiresTwoFactor")]
    pub error_description: String,
    /// With `invalid_grant`.
    #[schema(nullable = false)]
    pub error_uri: Option<String>,
    /// With `RequiresTwoFactor`, `RequiresConfirmUser` and
    /// `ShouldChangePasswordOnNextLogin`: 32 hexadecimal digits.
    #[schema(rename = "userId", nullable = false)]
    pub user_id: Option<String>,
    /// With `RequiresTwoFactor`: names the pending login.
    #[schema(rename = "twoFactorToken", nullable = false)]
    pub two_factor_token: Option<String>,
    /// With `RequiresConfirmUser`.
    #[schema(nullable = false)]
    pub email: Option<String>,
    /// With `RequiresConfirmUser`.
    #[schema(rename = "phoneNumber", nullable = false)]
    pub phone_number: Option<String>,
    /// With `ShouldChangePasswordOnNextLogin`.
    #[schema(rename = "changePasswordToken", nullable = false)]
    pub change_password_token: Option<String>,
}

/// A refusal or a fault of the account REST.
#[derive(ToSchema)]
pub struct AbpError {
    /// What went wrong.
    pub error: AbpErrorInfo,
}

/// What went wrong.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpErrorInfo {
    /// Always null.
    #[schema(required)]
    pub code: Option<String>,
    /// A sentence for the user.
    pub message: String,
    /// Always null.
    #[schema(required)]
    pub details: Option<String>,
    /// When a code could not be sent: the other providers.
    #[schema(required)]
    pub data: Option<AbpOtherProviders>,
    /// With 400: what is wrong with the request.
    #[schema(required)]
    pub validation_errors: Option<Vec<AbpValidationError>>,
}

/// The other providers that could complete the login.
#[derive(ToSchema)]
pub struct AbpOtherProviders {
    /// Their names.
    pub providers: Vec<AbpProvider>,
}

/// What is wrong with a request.
#[derive(ToSchema)]
pub struct AbpValidationError {
    /// A sentence.
    pub message: String,
    /// The members of the request that it is about.
    pub members: Vec<String>,
}

/// Two-factor providers.
#[derive(ToSchema)]
pub enum AbpProvider {
    /// A code by e-mail.
    Email,
    /// A code by text message.
    Phone,
    /// An authenticator app.
    Authenticator,
    /// A code that the operator's webhook brings: ours, ABP has no such provider.
    Webhook,
}

/// A request for tokens. Which members are needed is a matter of the grant.
#[derive(ToSchema)]
#[schema(example = json!({
    "grant_type": "password", "client_id": "AbpSolution1_App", "username": "admin",
    "password": "1q2w3E*", "scope": "offline_access AbpSolution1"
}))]
pub struct AbpTokenRequest {
    /// Which grant it is.
    pub grant_type: GrantType,
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret.
    pub client_secret: Option<String>,
    /// The user name or e-mail address.
    pub username: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
    /// Whose code `TwoFactorCode` is.
    #[schema(rename = "TwoFactorProvider")]
    pub two_factor_provider: Option<AbpProvider>,
    /// Six digits.
    #[schema(rename = "TwoFactorCode")]
    pub two_factor_code: Option<String>,
    /// Read before `TwoFactorCode`.
    #[schema(rename = "RecoveryCode")]
    pub recovery_code: Option<String>,
    /// The token of a login that was verified with it: no code is needed, and
    /// the password only if you like.
    #[schema(rename = "twoFactorToken")]
    pub two_factor_token: Option<String>,
    /// The token of a login whose password must be changed.
    #[schema(rename = "ChangePasswordToken")]
    pub change_password_token: Option<String>,
    /// The new password, with `ChangePasswordToken`.
    #[schema(rename = "NewPassword")]
    pub new_password: Option<String>,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// The authorization code.
    pub code: Option<String>,
    /// The redirect URI that the code was sent to.
    pub redirect_uri: Option<String>,
    /// What the code's challenge was made of (RFC 7636).
    pub code_verifier: Option<String>,
}

/// Has a code sent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpSendCode {
    /// The user, as a GUID in either form.
    pub user_id: String,
    /// How it is sent.
    pub provider: AbpProvider,
    /// The `twoFactorToken`.
    pub token: String,
}

/// Shows a code without asking for tokens yet.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpVerifyCode {
    /// The user, as a GUID in either form.
    pub user_id: String,
    /// Whose code it is.
    pub provider: AbpProvider,
    /// Six digits.
    pub code: String,
    /// The `twoFactorToken`: it alone then completes the login.
    pub token: Option<String>,
}

/// The authenticator app that is to be confirmed.
#[derive(ToSchema)]
pub struct AbpAuthenticatorInfo {
    /// The seed, in base32.
    pub key: String,
    /// What the QR code holds.
    pub uri: String,
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

/// A new user.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "userName": "new.user", "emailAddress": "new.user@example.com",
    "password": "plum tractor lighthouse", "appName": "Angular"
}))]
pub struct AbpRegister {
    /// The user name. With `@` it must be the e-mail address.
    pub user_name: String,
    /// The e-mail address.
    pub email_address: String,
    /// The password.
    pub password: String,
    /// Accepted, and not needed.
    pub app_name: Option<String>,
}

/// Asks what the token endpoint would answer.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpLogin {
    /// The user name or e-mail address.
    pub user_name_or_email_address: String,
    /// The password.
    pub password: String,
    /// Accepted, and not needed: no cookie is set.
    pub remember_me: Option<bool>,
}

/// What the token endpoint would answer.
#[derive(ToSchema)]
pub struct AbpLoginResult {
    /// 1 `Success`, 2 `InvalidUserNameOrPassword`, 3 `NotAllowed`, 4
    /// `LockedOut`, 5 `RequiresTwoFactor`.
    #[schema(minimum = 1, maximum = 5)]
    pub result: u8,
    /// Its name.
    pub description: String,
}

/// Has a reset link sent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpForgotPassword {
    /// The e-mail address.
    pub email: String,
    /// `MVC` for its paths; any other has Angular's.
    pub app_name: Option<String>,
    /// Passed along if it leads to a configured origin.
    pub return_url: Option<String>,
}

/// Asks whether a reset token is still good.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpResetToken {
    /// The user, as a GUID in either form.
    pub user_id: String,
    /// The token of the link.
    pub reset_token: String,
}

/// Sets a new password.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpResetPassword {
    /// The user, as a GUID in either form.
    pub user_id: String,
    /// The token of the link.
    pub reset_token: String,
    /// The new password.
    pub password: String,
}

/// Has a confirmation link sent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpSendEmailConfirmation {
    /// The user, as a GUID in either form.
    pub user_id: String,
    /// `MVC` for its paths; any other has Angular's.
    pub app_name: Option<String>,
}

/// Has a confirmation code sent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpSendPhoneConfirmation {
    /// The user, as a GUID in either form.
    pub user_id: String,
    /// A new number in E.164; takes an access token.
    pub phone_number: Option<String>,
}

/// Shows what a confirmation was sent with.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpConfirmation {
    /// The user, as a GUID in either form.
    pub user_id: String,
    /// The token of the link, or the six digits of the text message.
    pub token: String,
}

/// What is confirmed.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpConfirmationState {
    /// The e-mail address.
    pub email_confirmed: bool,
    /// The phone number.
    pub phone_number_confirmed: bool,
}

/// Changes one's own password.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpChangePassword {
    /// The present password.
    pub current_password: String,
    /// The new one.
    pub new_password: String,
}
