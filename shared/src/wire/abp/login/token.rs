//! `POST /connect/token`: the grants in ABP's words.
//!
//! A login with a second factor completes in one of three ways:
//!
//! 1. User name, password, `TwoFactorProvider` and `TwoFactorCode`.
//! 2. After a verify call that had the token: `twoFactorToken`, with or without the
//!    password, and without a code.
//! 3. After any verify call: the request of way 1 again.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::json;
use utoipa::ToSchema;

use crate::domain::authorization::grant::Grant;
use crate::domain::factors::factor::Method;
use crate::domain::login::evidence::{Evidence, SubmittedCode};
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::login::password_step::SecondFactor;
use crate::usecase::login::redeem::{RedeemRequest, redeem};
use crate::usecase::login::required_password_change::{ChangeRequest, change_at_login};
use crate::wire::abp::login::next_step::abp_next_step;
use crate::wire::abp::login::provider::{AbpProvider, Provider};
use crate::wire::auth0::login::token::{TokenAnswer, token_body};
use crate::wire::fields::Fields;
use crate::wire::grant_types::GrantType;
use crate::wire::grants::{Answer, GrantRequest, WithPassword, answer_grant, grant_request};
use crate::wire::input::Input;
use crate::wire::oauth::sessions::machine_answer::machine_answer;
use crate::wire::{failure, private_json};

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

/// Takes a form. Gives tokens, or 400 `invalid_grant` with one of ABP's sentences. One
/// of them is `RequiresTwoFactor`, which comes with `userId` and `twoFactorToken`.
#[operation(
    summary = "Gives tokens for a password, a code, a recovery code, a refresh token or the secret of a client.",
    request_body = AbpTokenRequest,
    responses((status = 200, description = "The tokens.", body = TokenAnswer)),
    security((), ("client" = [])),
)]
pub async fn abp_token(input: Input) -> Response {
    match answer(&input).await {
        Ok(Answer::SecondFactor(needed) | Answer::StepUp(needed)) => requires_two_factor(&needed),
        Ok(Answer::Next(next)) => abp_next_step(&next),
        Ok(Answer::Granted(granted)) => private_json(StatusCode::OK, &token_body(&granted.tokens)),
        Ok(Answer::Machine(token)) => machine_answer(&token),
        Ok(Answer::Refreshed(tokens)) => private_json(StatusCode::OK, &token_body(&tokens)),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn answer(input: &Input) -> Result<Answer, Failure> {
    let fields = input.fields()?;
    let change = fields.get_any_case("ChangePasswordToken");
    let named = fields.get("grant_type").and_then(Grant::from_name);
    if let (Some(Grant::Password), Some(token)) = (named, change) {
        return change_password(input, token).await;
    }
    let without_password = fields.get("password").is_none() && fields.get("username").is_none();
    if named == Some(Grant::Password)
        && without_password
        && let Some(token) = two_factor_token(fields)
    {
        return by_token(input, token).await;
    }
    answer_grant(&grant_request(input).await?, with_password).await
}

/// Way 2 without the password: the token of a login that a verify call with this token
/// has verified.
async fn by_token(input: &Input, token: &str) -> Result<Answer, Failure> {
    let GrantRequest {
        fields, context, ..
    } = grant_request(input).await?;
    let request = RedeemRequest {
        token,
        shown: submitted_code(fields)?,
        expected: Method::Totp,
        remember: None,
    };
    Ok(redeem(&context, &request).await?.into())
}

/// Sets the new password of a login that waits only for that. ABP's clients send user
/// name and password too. They are ignored, because the token shows that the password
/// and any second factor were already checked.
async fn change_password(input: &Input, token: &str) -> Result<Answer, Failure> {
    let GrantRequest {
        fields, context, ..
    } = grant_request(input).await?;
    let request = ChangeRequest {
        token,
        password: fields.required_secret_any_case("NewPassword")?,
    };
    let granted = change_at_login(&context, &request).await?;
    Ok(Answer::Granted(Box::new(granted)))
}

fn with_password(fields: &Fields) -> Result<WithPassword<'_>, Refusal> {
    Ok(WithPassword {
        token: two_factor_token(fields),
        shown: submitted_code(fields)?.map(Evidence::Of),
    })
}

fn two_factor_token(fields: &Fields) -> Option<&str> {
    fields.get_any_case("twoFactorToken")
}

/// Reads `RecoveryCode` before `TwoFactorCode`, as ABP does.
fn submitted_code(fields: &Fields) -> Result<Option<SubmittedCode>, Refusal> {
    if let Some(code) = fields.secret_any_case("RecoveryCode").cloned() {
        return Ok(Some(SubmittedCode::Recovery { code }));
    }
    let provider = fields.get_any_case("TwoFactorProvider");
    let Some(code) = fields.secret_any_case("TwoFactorCode").cloned() else {
        return Ok(None);
    };
    let provider = provider.and_then(Provider::parse);
    let provider = provider.ok_or(Refusal::CodeWrong(Method::Totp))?;
    Ok(Some(provider.submitted(code)))
}

fn requires_two_factor(needed: &SecondFactor) -> Response {
    private_json(
        StatusCode::BAD_REQUEST,
        &json!({
            "error": "invalid_grant",
            "error_description": "RequiresTwoFactor",
            "error_uri": crate::wire::abp::refusal::ERROR_URI,
            "userId": needed.account.user.id.to_string(),
            "twoFactorToken": needed.token.expose(),
        }),
    )
}
