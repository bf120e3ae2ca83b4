//! `GET|POST /userinfo` (OpenID Connect Core 5.3).

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::refusal::Refusal;
use crate::usecase::accounts::user_info::show_user;
use crate::wire::credentials::bearer;
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

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
    /// With `profile`.
    #[schema(nullable = false)]
    pub nickname: Option<String>,
    /// With `profile`: a web address.
    #[schema(nullable = false)]
    pub picture: Option<String>,
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

/// `GET|POST /userinfo` (OpenID Connect Core 5.3): takes an access token as bearer, and
/// gives the claims of the token's scopes.
#[operation(
    summary = "Gives the claims of the access token's scopes (OpenID Connect Core 5.3).",
    request_body = UserInfoRequest,
    responses((status = 200, description = "The claims.", body = UserInfo)),
    security(("access_token" = ["openid"])),
)]
pub async fn oauth_userinfo(input: Input) -> Response {
    let now = input.context.now();
    let shown = match bearer(&input.headers).or_else(|missing| posted(&input, missing)) {
        Ok(token) => show_user(&input.context, token).await,
        Err(refusal) => Err(refusal.into()),
    };
    match shown {
        Ok(claims) => private_json(StatusCode::OK, &claims),
        Err(refused) => failure(input.words, refused, now),
    }
}

/// The access token in a form (RFC 6750 2.2).
fn posted(input: &Input, missing: Refusal) -> Result<&str, Refusal> {
    input.fields()?.get("access_token").ok_or(missing)
}
