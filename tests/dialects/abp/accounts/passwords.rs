//! Passwords in ABP's dialect: reset by a link, changed with an access token, and
//! changed because they must be.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::dialects::abp::login::password::is_refused;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};
use crate::harness::{Answer, Service, in_turn};

#[tokio::test]
async fn a_reset_replaces_the_password_tells_the_user_and_ends_every_session() {
    let service = Service::start().await;
    let id = service.registered_and_confirmed().await;
    let before = service.sign_in(USER_NAME, PASSWORD).await;
    let token = service.reset_token(EMAIL).await;
    assert_eq!(service.messages()[0].to, EMAIL);
    assert_eq!(service.newest_link().path(), "/account/reset-password");
    assert_eq!(service.link_parameter("userId"), id);
    let body = json!({ "userId": id, "resetToken": token });
    let path = "/api/account/verify-password-reset-token";
    assert_snapshot!(service.post_as(None, path, &body).await.shown(), @r"
    200 application/json no-store no-cache
    true
    ");
    let weak = service.reset(&id, &token, "password1").await;
    assert_snapshot!(weak.shown(), @r#"
    403 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {
        "code": null,
        "message": "This password is too common. Choose another.",
        "details": null,
        "data": null,
        "validationErrors": null
      }
    }
    "#);
    let done = service.reset(&id, &token, NEW_PASSWORD).await;
    // The reset signs nobody in.
    assert_snapshot!(done.shown(), @"204 no-store no-cache");
    let notice = &service.messages()[0];
    assert_eq!(
        notice.subject.as_deref(),
        Some("Your Countersign Demo password was reset")
    );
    assert_eq!(notice.to, EMAIL);
    let old = service.sign_in(USER_NAME, PASSWORD).await;
    is_refused(&old, "Invalid username or password!");
    assert_eq!(service.sign_in(USER_NAME, NEW_PASSWORD).await.status, 200);
    is_over(&service, &before).await;
}

/// Neither token of this answer is valid any more.
pub async fn is_over(service: &Service, tokens: &Answer) {
    let profile = service
        .get(
            "/api/account/my-profile",
            Some(&tokens.text("access_token")),
        )
        .await;
    assert_eq!(profile.status, 401, "{}", profile.raw);
    let refreshed = refresh(service, &tokens.text("refresh_token")).await;
    assert_eq!(refreshed.status, 400, "{}", refreshed.raw);
}

/// A refresh at `/connect/token`.
pub async fn refresh(service: &Service, token: &str) -> Answer {
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::ABP_CLIENT),
        ("refresh_token", token),
    ];
    service.post_form("/connect/token", &fields).await
}

#[tokio::test]
async fn a_change_of_password_ends_the_other_sessions_and_its_own_goes_on() {
    let service = Service::start().await;
    service.registered_and_confirmed().await;
    let other = service.sign_in(USER_NAME, PASSWORD).await;
    let own = service.sign_in(USER_NAME, PASSWORD).await;
    let bearer = own.text("access_token");
    let change =
        |current: &str, new: &str| json!({ "currentPassword": current, "newPassword": new });
    let path = "/api/account/my-profile/change-password";
    let mut refused = Vec::new();
    for (current, new) in [
        (NEW_PASSWORD, NEW_PASSWORD),
        (PASSWORD, "password1"),
        (PASSWORD, PASSWORD),
    ] {
        let body = change(current, new);
        refused.push(service.post_as(Some(&bearer), path, &body).await);
    }
    let body = change(PASSWORD, NEW_PASSWORD);
    refused.push(service.post_as(None, path, &body).await);
    assert_snapshot!(in_turn(&refused), @r#"
    403 application/json no-store no-cache
    _abperrorformat: true
    {"error":{"code":null,"message":"Incorrect password.","details":null,"data":null,"validationErrors":null}}

    403 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {
        "code": null,
        "message": "This password is too common. Choose another.",
        "details": null,
        "data": null,
        "validationErrors": null
      }
    }

    403 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {
        "code": null,
        "message": "The new password must differ from the present one.",
        "details": null,
        "data": null,
        "validationErrors": null
      }
    }

    401 application/json no-store no-cache
    _abperrorformat: true
    www-authenticate: Bearer
    {
      "error": {"code":null,"message":"The security token is missing.","details":null,"data":null,"validationErrors":null}
    }
    "#);
    let done = service.post_as(Some(&bearer), path, &body).await;
    assert_snapshot!(done.shown(), @"204 no-store no-cache");
    let notice = &service.messages()[0];
    assert_eq!(
        notice.subject.as_deref(),
        Some("Your Countersign Demo password was changed")
    );
    is_over(&service, &other).await;
    let profile = service.get("/api/account/my-profile", Some(&bearer)).await;
    assert_eq!(profile.status, 200, "{}", profile.raw);
    let refreshed = refresh(&service, &own.text("refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
    let old = service.sign_in(USER_NAME, PASSWORD).await;
    is_refused(&old, "Invalid username or password!");
}

#[tokio::test]
async fn a_forced_change_comes_with_the_tokens_and_not_before() {
    let service = Service::start().await;
    let id = service.registered().await;
    let forced = AttributeValue::Bool(true);
    service
        .set_profile(EMAIL, "must_change_password", forced)
        .await;
    let answer = service.sign_in(USER_NAME, PASSWORD).await;
    assert_snapshot!(answer.shown(), @r#"
    400 application/json no-store no-cache
    {
      "error": "invalid_grant",
      "error_description": "ShouldChangePasswordOnNextLogin",
      "error_uri": "https://documentation.openiddict.com/errors/ID2024",
      "userId": "[id]",
      "changePasswordToken": "[opaque]"
    }
    "#);
    assert_eq!(answer.text("userId"), id.replace('-', ""));
    let token = answer.text("changePasswordToken");
    let beside = |new| {
        [
            ("ChangePasswordToken", token.as_str()),
            ("NewPassword", new),
        ]
    };
    for (new, told) in [
        ("password1", "This password is too common. Choose another."),
        (
            PASSWORD,
            "The new password must differ from the present one.",
        ),
    ] {
        let refused = service
            .sign_in_with(USER_NAME, PASSWORD, &beside(new))
            .await;
        is_refused(&refused, told);
    }
    let tokens = service
        .sign_in_with(USER_NAME, PASSWORD, &beside(NEW_PASSWORD))
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let again = service
        .sign_in_with(USER_NAME, PASSWORD, &beside(PASSWORD))
        .await;
    assert_eq!(again.status, 400, "{}", again.raw);
    let bearer = tokens.text("access_token");
    let profile = service.get("/api/account/my-profile", Some(&bearer)).await;
    assert_eq!(profile.status, 200, "{}", profile.raw);
    let refreshed = refresh(&service, &tokens.text("refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
    assert_eq!(service.sign_in(USER_NAME, NEW_PASSWORD).await.status, 200);
}
