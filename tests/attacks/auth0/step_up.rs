//! What a thief of a refresh token tries with a login that steps up.

use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::step_up::{refresh, strong_session};
use crate::harness::Service;

#[tokio::test]
async fn a_login_that_steps_up_ends_with_its_session() {
    let service = Service::start().await;
    let refresh_token = strong_session(&service).await.text("refresh_token");
    service.advance(600);
    let asked = json!({ "max_age": 300 });
    let needed = refresh(&service, &refresh_token, asked.clone()).await;
    let (token, code) = (needed.text("mfa_token"), service.totp());
    let fields = [("client_id", demo::CLIENT), ("token", &*refresh_token)];
    service.post_form("/oauth/revoke", &fields).await;
    let late = service.redeem_otp(&token, &code).await;
    late.is_refused(401, "expired_token", "mfa_token is expired");
    // The code was not spent, and completes a login of its own.
    let own = service.begin().await;
    let done = service.redeem_otp(&own, &code).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn a_step_up_makes_no_session_longer_than_it_was() {
    let settings = [("COUNTERSIGN_REFRESH_ABSOLUTE_SECONDS", "3600")];
    let service = Service::start_with(&settings).await;
    let began = service.now();
    let first = strong_session(&service).await.text("refresh_token");
    service.advance(3000);
    let needed = refresh(&service, &first, json!({ "max_age": 300 })).await;
    let token = needed.text("mfa_token");
    let done = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let next = done.text("refresh_token");
    service.advance(began + 3599 - service.now());
    let kept = refresh(&service, &next, json!({})).await;
    assert_eq!(kept.status, 200, "{}", kept.raw);
    service.advance(1);
    let over = refresh(&service, &kept.text("refresh_token"), json!({})).await;
    over.is_refused(403, "invalid_grant", "Unknown or invalid refresh token.");
}

#[tokio::test]
async fn a_login_that_steps_up_is_not_completed_after_the_end_of_its_session() {
    let settings = [("COUNTERSIGN_REFRESH_ABSOLUTE_SECONDS", "3600")];
    let service = Service::start_with(&settings).await;
    let began = service.now();
    let first = strong_session(&service).await.text("refresh_token");
    service.advance(began + 3590 - service.now());
    let needed = refresh(&service, &first, json!({ "max_age": 300 })).await;
    let token = needed.text("mfa_token");
    service.advance(10);
    let late = service.redeem_otp(&token, &service.totp()).await;
    late.is_refused(401, "expired_token", "mfa_token is expired");
}
