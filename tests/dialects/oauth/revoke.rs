//! `POST /oauth/revoke` (RFC 7009).

use countersign_local::demo;
use serde_json::json;

use crate::harness::{Answer, Service};

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
    let newest = service.refresh(&first).await.text("refresh_token");
    // By an older generation, which ends the newest too.
    is_yes(&revoke(&service, demo::CLIENT, &first).await);
    for ended in [&first, &newest] {
        let answer = service.refresh(ended).await;
        answer.is_refused(403, "invalid_grant", UNKNOWN);
    }
    assert_eq!(service.refresh(&other).await.status, 200);
}

#[tokio::test]
async fn revoking_twice_is_answered_alike() {
    let service = Service::start().await;
    let token = login(&service).await.text("refresh_token");
    is_yes(&revoke(&service, demo::CLIENT, &token).await);
    is_yes(&revoke(&service, demo::CLIENT, &token).await);
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
        &*answer.text("access_token"),
        &*answer.text("id_token"),
    ] {
        is_yes(&revoke(&service, demo::CLIENT, token).await);
    }
    // None of them ended anything.
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
    let answer = revoke(&service, demo::SERVER_CLIENT, &token).await;
    answer.is_refused(401, "invalid_client", "Client authentication failed.");
    let answer = service
        .post_form("/oauth/revoke", &[("client_id", demo::CLIENT)])
        .await;
    answer.is_refused(400, "invalid_request", "Missing required parameter: token");
    let answer = service
        .post_json("/oauth/revoke", &json!({ "token": token }))
        .await;
    answer.is_refused(
        400,
        "invalid_request",
        "Missing required parameter: client_id",
    );
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
