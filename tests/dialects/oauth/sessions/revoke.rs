//! `POST /oauth/revoke` (RFC 7009).

use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::dialects::codemaze::login::password_and_code::claims;
use crate::harness::{Answer, Service, alike, in_turn};

const UNKNOWN: &str = "Unknown or invalid refresh token.";

async fn login(service: &Service) -> Answer {
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    service.advance(30);
    answer
}

async fn revoke(service: &Service, client: &str, token: &str) -> Answer {
    let fields = [("client_id", client), ("token", token)];
    service.post_form("/oauth/revoke", &fields).await
}

#[track_caller]
fn is_yes(answer: &Answer) {
    assert_eq!((answer.status, &*answer.raw), (200, "{}"));
    answer.is_private();
}

#[tokio::test]
async fn a_revoked_refresh_token_ends_its_family_and_only_that() {
    let service = Service::start().await;
    let first = login(&service).await.text("refresh_token");
    let other = login(&service).await.text("refresh_token");
    let refreshed = service.refresh(&first).await;
    assert_snapshot!(refreshed.shown(), @r#"
    200 application/json no-store no-cache
    {
      "access_token": "[jwt]",
      "scope": "openid profile email phone read:sample offline_access",
      "expires_in": 3600,
      "token_type": "Bearer",
      "id_token": "[jwt]",
      "refresh_token": "[opaque]"
    }
    "#);
    let newest = refreshed.text("refresh_token");
    // Revoked by an older generation, which ends the newest generation too.
    is_yes(&revoke(&service, demo::CLIENT, &first).await);
    let ended = [
        service.refresh(&first).await,
        service.refresh(&newest).await,
    ];
    assert_snapshot!(alike(&ended), @r#"
    403 application/json no-store no-cache
    {"error":"invalid_grant","error_description":"Unknown or invalid refresh token."}
    "#);
    assert_eq!(service.refresh(&other).await.status, 200);
}

#[tokio::test]
async fn revoking_twice_is_answered_alike() {
    let service = Service::start().await;
    let token = login(&service).await.text("refresh_token");
    let first = revoke(&service, demo::CLIENT, &token).await;
    assert_snapshot!(alike(&[first, revoke(&service, demo::CLIENT, &token).await]), @r"
    200 application/json no-store no-cache
    {}
    ");
}

#[tokio::test]
async fn an_unknown_token_is_answered_yes() {
    let service = Service::start().await;
    let answer = login(&service).await;
    let mfa_token = service.begin().await;
    for token in [
        "not-a-token",
        "\u{0}",
        &*mfa_token,
        &*answer.text("id_token"),
    ] {
        is_yes(&revoke(&service, demo::CLIENT, token).await);
    }
    // None of these requests ended the session.
    let kept = service.refresh(&answer.text("refresh_token")).await;
    assert_eq!(kept.status, 200, "{}", kept.raw);
    let redeemed = service.redeem_otp(&mfa_token, &service.totp()).await;
    assert_eq!(redeemed.status, 200, "{}", redeemed.raw);
}

#[tokio::test]
async fn a_token_of_another_client_is_left_alone() {
    let service = Service::start().await;
    service.add_client("stranger", |_| {}).await;
    let token = login(&service).await.text("refresh_token");
    is_yes(&revoke(&service, "stranger", &token).await);
    let kept = service.refresh(&token).await;
    assert_eq!(kept.status, 200, "{}", kept.raw);
}

#[tokio::test]
async fn revoking_needs_a_client_and_a_token() {
    let service = Service::start().await;
    let token = login(&service).await.text("refresh_token");
    let without_token = [("client_id", demo::CLIENT)];
    let without_client = json!({ "token": token });
    let answers = [
        revoke(&service, demo::SERVER_CLIENT, &token).await,
        service.post_form("/oauth/revoke", &without_token).await,
        service.post_json("/oauth/revoke", &without_client).await,
    ];
    assert_snapshot!(in_turn(&answers), @r#"
    401 application/json no-store no-cache
    {"error":"invalid_client","error_description":"Client authentication failed."}

    400 application/json no-store no-cache
    {"error":"invalid_request","error_description":"Missing required parameter: token"}

    400 application/json no-store no-cache
    {"error":"invalid_request","error_description":"Missing required parameter: client_id"}
    "#);
}

#[tokio::test]
async fn a_token_may_be_revoked_after_its_user_was_changed_and_in_json() {
    let service = Service::start().await;
    let token = login(&service).await.text("refresh_token");
    service.raise_epoch(demo::USER).await;
    let body =
        json!({ "client_id": demo::CLIENT, "token": token, "token_type_hint": "refresh_token" });
    is_yes(&service.post_json("/oauth/revoke", &body).await);
}

#[tokio::test]
async fn a_revoked_access_token_ends_its_session_and_only_that() {
    let service = Service::start().await;
    for path in ["/oauth/revoke", "/abp/oauth/revoke", "/aidbox/oauth/revoke"] {
        let (first, other) = (login(&service).await, login(&service).await);
        let refreshed = service.refresh(&first.text("refresh_token")).await;
        let fields = [
            ("client_id", demo::CLIENT),
            ("token", &first.text("access_token")),
            ("token_type_hint", "access_token"),
        ];
        // The second time changes nothing.
        for _ in 0..2 {
            is_yes(&service.post_form(path, &fields).await);
        }
        for ended in [&first, &refreshed] {
            let access = ended.text("access_token");
            let refused = service.get("/userinfo", Some(&access)).await;
            assert_eq!(refused.status, 401, "{path}: {}", refused.raw);
        }
        let answer = service.refresh(&refreshed.text("refresh_token")).await;
        answer.is_refused(403, "invalid_grant", UNKNOWN);
        let access = other.text("access_token");
        let kept = service.get("/userinfo", Some(&access)).await;
        assert_eq!(kept.status, 200, "{path}: {}", kept.raw);
        let kept = service.refresh(&other.text("refresh_token")).await;
        assert_eq!(kept.status, 200, "{}", kept.raw);
    }
}

#[tokio::test]
async fn a_revoked_access_token_without_a_refresh_token_is_refused_at_once() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let claims = claims(&access);
    let client = claims["client_id"].as_str().unwrap();
    let user = service.get("/auth/userinfo", Some(&access)).await;
    assert_eq!(user.status, 200, "{}", user.raw);
    is_yes(&revoke(&service, client, &access).await);
    let user = service.get("/auth/userinfo", Some(&access)).await;
    assert_eq!(user.status, 401, "{}", user.raw);
}

#[tokio::test]
async fn an_access_token_of_another_client_a_forged_and_an_expired_one_end_nothing() {
    let service = Service::start().await;
    service.add_client("stranger", |_| {}).await;
    let tokens = login(&service).await;
    let access = tokens.text("access_token");
    is_yes(&revoke(&service, "stranger", &access).await);
    let (signed, _) = access.rsplit_once('.').unwrap();
    let other = login(&service).await.text("access_token");
    let (_, signature) = other.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{signature}");
    is_yes(&revoke(&service, demo::CLIENT, &forged).await);
    let kept = service.get("/userinfo", Some(&access)).await;
    assert_eq!(kept.status, 200, "{}", kept.raw);
    service.advance(tokens.body["expires_in"].as_i64().unwrap());
    is_yes(&revoke(&service, demo::CLIENT, &access).await);
    let kept = service.refresh(&tokens.text("refresh_token")).await;
    assert_eq!(kept.status, 200, "{}", kept.raw);
}
