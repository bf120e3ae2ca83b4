//! `GET /auth/userinfo` and `DELETE /Session`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::super::credentials::bearer;
use super::super::input::Input;
use super::super::oauth_document::Empty;
use super::super::{failure, private_json};
use super::document::AidboxUser;
use crate::failure::Failure;
use crate::usecase::factors::aidbox_two_factor::look;
use crate::usecase::sessions::sign_out::sign_out;

/// `GET /auth/userinfo`: takes an access token as bearer; gives its `User`,
/// without anything secret.
#[utoipa::path(
    get, path = "/auth/userinfo",
    summary = "Gives the user of an access token.",
    responses((status = 200, description = "The user.", body = AidboxUser)),
    security(("access_token" = [])),
)]
pub async fn aidbox_userinfo(input: Input) -> Response {
    answer(&input, looked(&input).await)
}

async fn looked(input: &Input) -> Result<Value, Failure> {
    let (user, two_factor) = look(&input.context, bearer(&input.headers)?).await?;
    let mut enabled = json!({ "enabled": two_factor.enabled });
    if let Some(transport) = two_factor.transport {
        enabled["transport"] = json!(transport);
    }
    let mut body = json!({
        "resourceType": "User",
        "id": user.id.dashed(),
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

/// `DELETE /Session`: takes an access token as bearer, and ends its session.
#[utoipa::path(
    delete, path = "/Session",
    summary = "Ends the session of an access token.",
    responses((status = 200, description = "It is ended.", body = Empty)),
    security(("access_token" = [])),
)]
pub async fn end_aidbox_session(input: Input) -> Response {
    answer(&input, signed_out(&input).await)
}

async fn signed_out(input: &Input) -> Result<Value, Failure> {
    sign_out(&input.context, bearer(&input.headers)?).await?;
    Ok(json!({}))
}

fn answer(input: &Input, result: Result<Value, Failure>) -> Response {
    match result {
        Ok(body) => private_json(StatusCode::OK, &body),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}
