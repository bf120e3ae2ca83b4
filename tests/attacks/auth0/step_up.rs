//! What a thief of a refresh token tries with a login that steps up.

use countersign_local::demo;
use serde_json::json;

use crate::dialects::abp::login::password::{begin, connect};
use crate::dialects::auth0::login::step_up::{refresh, strong_session};
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

#[tokio::test]
async fn the_owners_code_without_a_token_completes_no_step_up_of_a_thief() {
    let service = Service::start().await;
    begin(&service).await;
    let with_code = |code: String| {
        let service = &service;
        async move {
            let beside = [
                ("TwoFactorProvider", "Authenticator"),
                ("TwoFactorCode", &*code),
            ];
            connect(service, &beside).await
        }
    };
    let stolen = with_code(abp_totp(&service)).await;
    assert_eq!(stolen.status, 200, "{}", stolen.raw);
    service.advance(100);
    begin(&service).await;
    service.advance(1);
    let refresh_token = stolen.text("refresh_token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::ABP_CLIENT),
        ("refresh_token", &*refresh_token),
        ("max_age", "1"),
        ("scope", "AbpSolution1"),
    ];
    let thief = service.post_form("/connect/token", &fields).await;
    assert!(thief.status >= 400, "{}", thief.raw);
    let owner = with_code(abp_totp(&service)).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
    assert_eq!(owner.body["scope"], "offline_access AbpSolution1");
    assert!(owner.body["refresh_token"].is_string(), "{}", owner.raw);
    let sid = |answer: &crate::harness::Answer| answer.claims("access_token")["sid"].clone();
    assert_ne!(sid(&owner), sid(&stolen));
}

fn abp_totp(service: &Service) -> String {
    service.app_code(demo::ABP_SEED)
}
