//! Aidbox's token endpoint, its user information, and the end of a session.

use axum::body::Body;
use axum::http::{Method, Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::harness::{Service, alike, in_turn};

#[tokio::test]
async fn a_password_gives_tokens_and_the_user() {
    let service = Service::start().await;
    let answer = service.aidbox_login(demo::PLAIN_USER, None).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "token_type": "Bearer",
      "expires_in": 3600,
      "access_token": "[jwt]",
      "userinfo": {"id":"[id]","email":"plain@example.com","resourceType":"User"}
    }
    "#);
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    assert_eq!(answer.body["userinfo"]["id"], id);
    assert_eq!(answer.claims("access_token")["sub"], id);
}

#[tokio::test]
async fn a_form_with_basic_credentials_is_taken_too() {
    let service = Service::start().await;
    let body = format!(
        "grant_type=password&username={}&password={}&scope=offline_access",
        demo::PLAIN_USER,
        demo::PASSWORD_OF_ALL
    );
    let basic = STANDARD.encode(format!("{}:", demo::AIDBOX_CLIENT));
    let request = Request::builder()
        .method(Method::POST)
        .uri("/auth/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, format!("Basic {basic}"));
    let answer = service.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::AIDBOX_CLIENT),
        ("refresh_token", &answer.text("refresh_token")),
    ];
    let refreshed = service.post_form("/auth/token", &fields).await;
    assert_snapshot!(refreshed.shown(), @r#"
    200 application/json no-store no-cache
    {
      "token_type": "Bearer",
      "expires_in": 3600,
      "access_token": "[jwt]",
      "refresh_token": "[opaque]",
      "userinfo": {"id":"[id]","email":"plain@example.com","resourceType":"User"}
    }
    "#);
    assert_eq!(refreshed.body["userinfo"], answer.body["userinfo"]);
    assert_ne!(
        refreshed.text("refresh_token"),
        answer.text("refresh_token")
    );
}

#[tokio::test]
async fn with_two_factor_on_the_password_alone_is_not_enough_and_the_apps_code_is() {
    let service = Service::start().await;
    let asked = service.aidbox_login(demo::USER, None).await;
    assert_snapshot!(asked.shown(), @r#"
    400 application/json no-store no-cache
    {"error":"invalid_grant","error_description":"2FA token is required"}
    "#);
    // The user has an app, so nothing is sent.
    assert!(service.messages().is_empty());
    let code = service.totp();
    let answer = service.aidbox_login(demo::USER, Some(&code)).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(answer.claims("access_token")["acr"], "aal2");
    // A code works once.
    let again = service.aidbox_login(demo::USER, Some(&code)).await;
    assert_snapshot!(again.shown(), @r#"
    400 application/json no-store no-cache
    {"error":"invalid_grant","error_description":"Wrong token"}
    "#);
}

#[tokio::test]
async fn a_wrong_or_old_code_is_refused_and_past_codes_are_good_as_the_setting_says() {
    let service = Service::start_with(&[("COUNTERSIGN_TOTP_PAST_STEPS", "5")]).await;
    let wrong = service.aidbox_login(demo::USER, Some("000000")).await;
    wrong.is_refused(400, "invalid_grant", "Wrong token");
    let old = service.totp_at(service.now() - 6 * 30);
    let refused = service.aidbox_login(demo::USER, Some(&old)).await;
    refused.is_refused(400, "invalid_grant", "Wrong token");
    let past = service.totp_at(service.now() - 5 * 30);
    let taken = service.aidbox_login(demo::USER, Some(&past)).await;
    assert_eq!(taken.status, 200, "{}", taken.raw);
}

#[tokio::test]
async fn a_recovery_code_is_a_token_once_in_any_spelling() {
    let service = Service::start().await;
    let typed = "coun ters ign2 reco ver4 demo";
    let answer = service.aidbox_login(demo::USER, Some(typed)).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let again = service.aidbox_login(demo::USER, Some(typed)).await;
    again.is_refused(400, "invalid_grant", "Wrong token");
}

#[tokio::test]
async fn refusals_are_in_rfc_6749s_words() {
    let service = Service::start().await;
    let wrong = service
        .aidbox_password(demo::USER, "wrong", &json!({}))
        .await;
    let nobody = service
        .aidbox_password("nobody@example.com", "wrong", &json!({}))
        .await;
    assert_snapshot!(alike(&[wrong, nobody]), @r#"
    400 application/json no-store no-cache
    {"error":"invalid_grant","error_description":"Wrong user or password"}
    "#);
    let missing = service
        .post_json("/auth/token", &json!({ "client_id": "web" }))
        .await;
    let grant = json!({ "client_id": "web", "grant_type": "other" });
    let unknown = service.post_json("/auth/token", &grant).await;
    let client = json!({ "client_id": "nobody", "grant_type": "password" });
    let rejected = service.post_json("/auth/token", &client).await;
    let method = service.get("/auth/token", None).await;
    let route = service.get("/auth/nothing", None).await;
    assert_snapshot!(in_turn(&[missing, unknown, rejected, method, route]), @r#"
    400 application/json no-store no-cache
    {"error":"invalid_request","error_description":"Missing required parameter: grant_type"}

    400 application/json no-store no-cache
    {"error":"unsupported_grant_type","error_description":"Unsupported grant type"}

    401 application/json no-store no-cache
    {"error":"invalid_client","error_description":"Client authentication failed"}

    405 application/json no-store no-cache
    allow: POST
    {"error":"invalid_request","error_description":"Method not allowed"}

    404 application/json no-store no-cache
    {"error":"not_found","error_description":"Not found"}
    "#);
}

#[tokio::test]
async fn userinfo_tells_of_two_factor_without_its_secret() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let off = service.aidbox_userinfo(&access).await;
    assert_snapshot!(off.shown(), @r#"
    200 application/json no-store no-cache
    {
      "resourceType": "User",
      "id": "[id]",
      "userName": "plain@example.com",
      "email": "plain@example.com",
      "twoFactor": {"enabled":false},
      "name": {"givenName":"Demo","familyName":"User"}
    }
    "#);
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    assert_eq!(off.body["id"], id);
    let (seed, _) = service.two_factor_on(&access).await;
    let on = service.aidbox_userinfo(&access).await;
    assert_snapshot!(on.shown(), @r#"
    200 application/json no-store no-cache
    {
      "resourceType": "User",
      "id": "[id]",
      "userName": "plain@example.com",
      "email": "plain@example.com",
      "twoFactor": {"enabled":true},
      "name": {"givenName":"Demo","familyName":"User"}
    }
    "#);
    assert!(!on.raw.contains(&seed));
}

#[tokio::test]
async fn an_access_token_for_another_api_tells_nothing_of_its_user() {
    let service = Service::start().await;
    let scope = "openid offline_access";
    let begun = service.password(scope).await.text("mfa_token");
    let tokens = service.redeem_otp(&begun, &service.totp()).await;
    // With `openid`, the token is for user information too, which changes nothing here.
    let access = tokens.text("access_token");
    assert_eq!(service.aidbox_userinfo(&access).await.status, 200);
    let change = service.two_factor("request", &access, &json!({})).await;
    assert_snapshot!(change.shown(), @r#"
    401 application/json no-store no-cache
    www-authenticate: Bearer error="invalid_token"
    {"error":"invalid_token","error_description":"The access token is invalid or expired"}
    "#);
    let begun = service.password("read:sample").await.text("mfa_token");
    service.advance(30);
    let tokens = service.redeem_otp(&begun, &service.totp()).await;
    let access = tokens.text("access_token");
    assert_eq!(service.aidbox_userinfo(&access).await.status, 401);
    assert_eq!(service.delete_session(&access).await.status, 401);
}

#[tokio::test]
async fn deleting_the_session_ends_its_tokens_and_no_other_sessions() {
    let service = Service::start().await;
    let other = service.aidbox_plain().await;
    for scope in [json!({}), json!({ "scope": "offline_access" })] {
        let answer = service
            .aidbox_password(demo::PLAIN_USER, demo::PASSWORD_OF_ALL, &scope)
            .await;
        let access = answer.text("access_token");
        assert_eq!(service.aidbox_userinfo(&access).await.status, 200);
        for _ in 0..2 {
            let ended = service.delete_session(&access).await;
            assert_eq!((ended.status, &*ended.raw), (200, "{}"), "{scope}");
        }
        assert_eq!(service.aidbox_userinfo(&access).await.status, 401);
        let request = service.two_factor("request", &access, &json!({})).await;
        assert_eq!(request.status, 401, "{}", request.raw);
        if let Some(refresh) = answer.body["refresh_token"].as_str() {
            let fields = [
                ("grant_type", "refresh_token"),
                ("client_id", demo::AIDBOX_CLIENT),
                ("refresh_token", refresh),
            ];
            let refused = service.post_form("/auth/token", &fields).await;
            refused.is_refused(400, "invalid_grant", "Wrong refresh token");
        }
    }
    assert_eq!(service.aidbox_userinfo(&other).await.status, 200);
    let ended = service.delete_session(&other).await;
    assert_snapshot!(ended.shown(), @r"
    200 application/json no-store no-cache
    {}
    ");
    let nobody = service.delete_session("nothing").await;
    assert_snapshot!(nobody.shown(), @r#"
    401 application/json no-store no-cache
    www-authenticate: Bearer error="invalid_token"
    {"error":"invalid_token","error_description":"The access token is invalid or expired"}
    "#);
}

#[tokio::test]
async fn an_ended_session_is_not_carried_into_another_epoch() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    service.delete_session(&access).await;
    service.raise_epoch(demo::PLAIN_USER).await;
    assert_eq!(service.aidbox_userinfo(&access).await.status, 401);
    assert_eq!(service.delete_session(&access).await.status, 401);
}
