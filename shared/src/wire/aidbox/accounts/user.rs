//! `GET /auth/userinfo`.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::failure::Failure;
use crate::usecase::factors::aidbox_two_factor::look;
use crate::wire::credentials::bearer;
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

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
    /// True if messages on that way came back, so that tokens may not arrive.
    #[schema(nullable = false)]
    pub undeliverable: Option<bool>,
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

/// `GET /auth/userinfo`: takes an access token as bearer. Gives the `User` without
/// secrets.
#[operation(
    summary = "Gives the user of an access token.",
    responses((status = 200, description = "The user.", body = AidboxUser)),
    security(("access_token" = [])),
)]
pub async fn aidbox_userinfo(input: Input) -> Response {
    match looked(&input).await {
        Ok(body) => private_json(StatusCode::OK, &body),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn looked(input: &Input) -> Result<Value, Failure> {
    let (user, two_factor) = look(&input.context, bearer(&input.headers)?).await?;
    let mut enabled = json!({ "enabled": two_factor.enabled });
    if let Some(transport) = two_factor.transport {
        enabled["transport"] = json!(transport);
    }
    if two_factor.undeliverable {
        enabled["undeliverable"] = json!(true);
    }
    let mut body = json!({
        "resourceType": "User",
        "id": user.subject(),
        "userName": user.user_name,
        "email": user.email,
        "twoFactor": enabled,
    });
    let names = [
        ("givenName", &user.given_name),
        ("familyName", &user.family_name),
    ];
    for (name, value) in names {
        if let Some(value) = value {
            body["name"][name] = json!(value);
        }
    }
    Ok(body)
}
