//! The story of one user in Aidbox's dialect, as far as it has JSON calls.

use countersign_local::demo;
use serde_json::json;

use crate::harness::Service;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};

#[tokio::test]
async fn a_user_turns_it_on_loses_the_app_replaces_it_and_is_still_asked_after_a_reset() {
    let service = Service::start().await;
    // Aidbox uses pages for this, so the test uses another dialect.
    let id = service.registered_and_confirmed().await;
    let signed_in = service
        .aidbox_password(USER_NAME, PASSWORD, &json!({}))
        .await;
    insta::assert_snapshot!(signed_in.shown(), @r#"
    200 application/json no-store no-cache
    {
      "token_type": "Bearer",
      "expires_in": 3600,
      "access_token": "[jwt]",
      "userinfo": {"id":"[id]","email":"ann.lee@example.net","resourceType":"User"}
    }
    "#);
    assert_eq!(signed_in.body["userinfo"]["id"], id);
    let first = signed_in.text("access_token");
    let (lost, codes) = service.two_factor_on(&first).await;

    let keeps = json!({ "scope": "offline_access" });
    let asked = service.aidbox_password(USER_NAME, PASSWORD, &keeps).await;
    insta::assert_snapshot!(asked.shown(), @r#"
    400 application/json no-store no-cache
    {"error":"invalid_grant","error_description":"2FA token is required"}
    "#);
    service.advance(30);
    let with_app = json!({ "token": service.app_code(&lost), "scope": "offline_access" });
    let second = service.aidbox_password(EMAIL, PASSWORD, &with_app).await;
    insta::assert_snapshot!(second.shown(), @r#"
    200 application/json no-store no-cache
    {
      "token_type": "Bearer",
      "expires_in": 3600,
      "access_token": "[jwt]",
      "refresh_token": "[opaque]",
      "userinfo": {"id":"[id]","email":"ann.lee@example.net","resourceType":"User"}
    }
    "#);

    // The phone is lost. One recovery code signs in, and another removes the factor.
    let recovered = json!({ "token": codes[0] });
    let third = service.aidbox_password(EMAIL, PASSWORD, &recovered).await;
    insta::assert_snapshot!(third.shown(), @r#"
    200 application/json no-store no-cache
    {
      "token_type": "Bearer",
      "expires_in": 3600,
      "access_token": "[jwt]",
      "userinfo": {"id":"[id]","email":"ann.lee@example.net","resourceType":"User"}
    }
    "#);
    let access = third.text("access_token");
    let off = json!({ "token": codes[1] });
    let disabled = service.two_factor("disable", &access, &off).await;
    insta::assert_snapshot!(disabled.shown(), @r"
    200 application/json no-store no-cache
    {}
    ");
    // This ended the session of the lost phone.
    let of_phone = second.text("access_token");
    assert_eq!(service.aidbox_userinfo(&of_phone).await.status, 401);
    let (seed, _) = service.two_factor_on(&access).await;
    service.advance(30);
    for (app, status) in [(&lost, 400), (&seed, 200)] {
        let token = json!({ "token": service.app_code(app) });
        let answer = service.aidbox_password(EMAIL, PASSWORD, &token).await;
        assert_eq!(answer.status, status, "{}", answer.raw);
    }

    // The password is forgotten too.
    let token = service.reset_token(EMAIL).await;
    let reset = service.reset(&id, &token, NEW_PASSWORD).await;
    insta::assert_snapshot!(reset.shown(), @"204 no-store no-cache");
    for old in [&first, &of_phone, &access] {
        assert_eq!(service.aidbox_userinfo(old).await.status, 401);
    }
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::AIDBOX_CLIENT),
        ("refresh_token", &*second.text("refresh_token")),
    ];
    let ended = service.post_form("/auth/token", &fields).await;
    insta::assert_snapshot!(ended.shown(), @r#"
    400 application/json no-store no-cache
    {"error":"invalid_grant","error_description":"Wrong refresh token"}
    "#);
    let old = service.aidbox_password(EMAIL, PASSWORD, &json!({})).await;
    insta::assert_snapshot!(old.shown(), @r#"
    400 application/json no-store no-cache
    {"error":"invalid_grant","error_description":"Wrong user or password"}
    "#);
    let asked = service
        .aidbox_password(EMAIL, NEW_PASSWORD, &json!({}))
        .await;
    asked.is_refused(400, "invalid_grant", "2FA token is required");
    service.advance(30);
    let token = json!({ "token": service.app_code(&seed) });
    let last = service.aidbox_password(EMAIL, NEW_PASSWORD, &token).await;
    insta::assert_snapshot!(last.shown(), @r#"
    200 application/json no-store no-cache
    {
      "token_type": "Bearer",
      "expires_in": 3600,
      "access_token": "[jwt]",
      "userinfo": {"id":"[id]","email":"ann.lee@example.net","resourceType":"User"}
    }
    "#);
    let access = last.text("access_token");
    let state = service.aidbox_userinfo(&access).await;
    insta::assert_snapshot!(state.shown(), @r#"
    200 application/json no-store no-cache
    {
      "resourceType": "User",
      "id": "[id]",
      "userName": "annlee",
      "email": "ann.lee@example.net",
      "twoFactor": {"enabled":true}
    }
    "#);
    assert_eq!(service.delete_session(&access).await.status, 200);
    assert_eq!(service.aidbox_userinfo(&access).await.status, 401);
}
