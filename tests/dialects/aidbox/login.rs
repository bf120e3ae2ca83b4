//! Aidbox's token endpoint, its user information, and the end of a session.

use axum::body::Body;
use axum::http::{Method, Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign_local::demo;
use serde_json::json;

use crate::harness::Service;

const REQUIRED: &str = "2FA token is required";

#[tokio::test]
async fn a_password_gives_tokens_and_the_user() {
    let service = Service::start().await;
    let answer = service.aidbox_login(demo::PLAIN_USER, None).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    assert_eq!(
        answer.members(),
        ["token_type", "expires_in", "access_token", "userinfo"]
    );
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 3600);
    assert_eq!(
        answer.body["userinfo"],
        json!({ "id": id, "email": demo::PLAIN_USER, "resourceType": "User" })
    );
    answer.is_private();
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
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
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
    asked.is_refused(400, "invalid_grant", REQUIRED);
    // The user has an app, so nothing is sent.
    assert!(service.messages().is_empty());
    let code = service.totp();
    let answer = service.aidbox_login(demo::USER, Some(&code)).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(answer.claims("access_token")["acr"], "aal2");
    // Once.
    let again = service.aidbox_login(demo::USER, Some(&code)).await;
    again.is_refused(400, "invalid_grant", "Wrong token");
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
    wrong.is_refused(400, "invalid_grant", "Wrong user or password");
    let nobody = service
        .aidbox_password("nobody@example.com", "wrong", &json!({}))
        .await;
    assert_eq!((nobody.status, &nobody.raw), (400, &wrong.raw));
    let missing = service
        .post_json("/auth/token", &json!({ "client_id": "web" }))
        .await;
    missing.is_refused(
        400,
        "invalid_request",
        "Missing required parameter: grant_type",
    );
    let grant = json!({ "client_id": "web", "grant_type": "other" });
    let unknown = service.post_json("/auth/token", &grant).await;
    unknown.is_refused(400, "unsupported_grant_type", "Unsupported grant type");
    let client = json!({ "client_id": "nobody", "grant_type": "password" });
    let rejected = service.post_json("/auth/token", &client).await;
    rejected.is_refused(401, "invalid_client", "Client authentication failed");
    let method = service.get("/auth/token", None).await;
    method.is_refused(405, "invalid_request", "Method not allowed");
    let route = service.get("/auth/nothing", None).await;
    route.is_refused(404, "not_found", "Not found");
}

#[tokio::test]
async fn userinfo_tells_of_two_factor_without_its_secret() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let off = service.aidbox_userinfo(&access).await;
    assert_eq!(off.status, 200, "{}", off.raw);
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    assert_eq!(
        off.body,
        json!({
            "resourceType": "User",
            "id": id,
            "userName": demo::PLAIN_USER,
            "email": demo::PLAIN_USER,
            "twoFactor": { "enabled": false },
            "name": { "givenName": "Demo", "familyName": "User" },
        })
    );
    let (seed, _) = service.two_factor_on(&access).await;
    let on = service.aidbox_userinfo(&access).await;
    assert_eq!(on.body["twoFactor"], json!({ "enabled": true }));
    assert!(!on.raw.contains(&seed));
}

#[tokio::test]
async fn an_access_token_for_another_api_tells_nothing_of_its_user() {
    let service = Service::start().await;
    let scope = "openid offline_access";
    let begun = service.password(scope).await.text("mfa_token");
    let tokens = service.redeem_otp(&begun, &service.totp()).await;
    // With `openid` it is for user information, which changes nothing.
    let access = tokens.text("access_token");
    assert_eq!(service.aidbox_userinfo(&access).await.status, 200);
    let change = service.two_factor("request", &access, &json!({})).await;
    change.is_refused(
        401,
        "invalid_token",
        "The access token is invalid or expired",
    );
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
    let nobody = service.delete_session("nothing").await;
    assert_eq!(nobody.status, 401, "{}", nobody.raw);
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
