//! Forgotten passwords: send a link, check its token, set a new password.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign_operation::operation;
use utoipa::ToSchema;

use crate::domain::accounts::action::ActionKind;
use crate::domain::accounts::named_user::ActionOwner;
use crate::domain::id::UserId;
use crate::failure::Failure;
use crate::usecase::accounts::confirm_address::check_token;
use crate::usecase::accounts::forgot_password::forgot_password;
use crate::usecase::accounts::reset_password::reset_password;
use crate::wire::abp::login::codes::{truth, user_id};
use crate::wire::input::Input;
use crate::wire::{failure, private};

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

/// `POST /api/account/send-password-reset-code` with `email` and optionally `appName`
/// and `returnUrl`. Answers 204 for every address, after the same time. The link leads
/// to the configured origin. The link contains `returnUrl` only if that is on a
/// configured origin too.
#[operation(
    summary = "Has a reset link sent. Answers the same for every address, after the same time.",
    request_body = AbpForgotPassword,
    responses((status = 204, description = "It is done.")),
)]
pub async fn send_password_reset(input: Input) -> Response {
    match sent(&input).await {
        Ok(()) => private(StatusCode::NO_CONTENT.into_response()),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn sent(input: &Input) -> Result<(), Failure> {
    let fields = input.fields()?;
    let email = fields.required_any_case("email")?;
    let links = &input.context.app.config.links;
    let return_url = fields.get_any_case("returnUrl");
    let return_url = return_url
        .and_then(|asked| links.allowed(asked))
        .map(String::from);
    let path = match fields.get_any_case("appName") {
        Some("MVC") => "/Account/ResetPassword",
        _ => "/account/reset-password",
    };
    let make_link = |user: UserId, token: &str| {
        let user = user.dashed();
        let mut parameters = vec![("userId", user.as_str()), ("resetToken", token)];
        parameters.extend(return_url.as_deref().map(|url| ("returnUrl", url)));
        links.to_path(path, &parameters)
    };
    forgot_password(&input.context, email, &make_link).await
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

/// `POST /api/account/verify-password-reset-token` with `userId` and `resetToken`:
/// whether the token is still valid. The call does not consume the token.
#[operation(
    summary = "Tells whether a reset link's token is still good.",
    request_body = AbpResetToken,
    responses((status = 200, description = "Whether.", body = bool, content_type = "application/json")),
)]
pub async fn verify_reset_token(input: Input) -> Response {
    truth(&input, verified(&input).await)
}

async fn verified(input: &Input) -> Result<(), Failure> {
    let fields = input.fields()?;
    let user = ActionOwner::Id(user_id(fields)?);
    let token = fields.required_any_case("resetToken")?;
    check_token(&input.context, ActionKind::ResetPassword, user, token).await
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

/// `POST /api/account/reset-password` with `userId`, `resetToken`, `password`. Answers
/// 204, or 403 with the rule that the password breaks.
#[operation(
    summary = "Sets a new password.",
    request_body = AbpResetPassword,
    responses((status = 204, description = "It is done.")),
)]
pub async fn abp_reset_password(input: Input) -> Response {
    match done(&input).await {
        Ok(()) => private(StatusCode::NO_CONTENT.into_response()),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn done(input: &Input) -> Result<(), Failure> {
    let fields = input.fields()?;
    let user = ActionOwner::Id(user_id(fields)?);
    let token = fields.required_any_case("resetToken")?;
    let password = fields.required_secret_any_case("password")?;
    reset_password(&input.context, user, token, password).await
}
