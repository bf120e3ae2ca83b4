//! An `mfa_token` that is forged, another client's or too old, in Auth0's dialect.

use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::harness::{Service, alike};

const MALFORMED: &str = "Malformed mfa_token";

#[tokio::test]
async fn an_mfa_token_that_is_not_ours_is_malformed() {
    let service = Service::start().await;
    let token = service.begin().await;
    let oob = service.challenge(&token, "email").await.text("oob_code");
    let mut changed = token.clone().into_bytes();
    changed[40] = if changed[40] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    for bad in [
        "nonsense-token",
        "Fe26.2**not-ours",
        &*changed,
        &token[..token.len() - 1],
        &*format!("{token}A"),
        &*format!("{token}="),
        // A token of another kind.
        &*oob,
        &*"A".repeat(10_000),
    ] {
        let answer = service.redeem_otp(bad, "123456").await;
        answer.is_refused(403, "invalid_grant", MALFORMED);
        let answer = service.challenge(bad, "sms").await;
        answer.is_refused(403, "invalid_grant", MALFORMED);
        let answer = service.verify(bad, "123456").await;
        answer.is_refused(403, "invalid_grant", MALFORMED);
        let answer = service.get("/mfa/authenticators", Some(bad)).await;
        let description = "The access token is invalid or expired.";
        answer.is_refused(401, "invalid_token", description);
    }
}

#[tokio::test]
async fn an_mfa_token_of_another_client_is_malformed_and_charges_nothing() {
    let service = Service::start().await;
    service.add_client("stranger", |_| {}).await;
    let token = service.begin().await;
    for _ in 0..12 {
        let fields = [
            ("grant_type", "http://auth0.com/oauth/grant-type/mfa-otp"),
            ("client_id", "stranger"),
            ("mfa_token", &*token),
            ("otp", &*service.totp()),
        ];
        let answer = service.post_form("/oauth/token", &fields).await;
        answer.is_refused(403, "invalid_grant", MALFORMED);
    }
    let body = json!({ "client_id": "stranger", "mfa_token": token, "challenge_type": "oob" });
    let answer = service.post_json("/mfa/challenge", &body).await;
    assert_snapshot!(answer.shown(), @r#"
    403 application/json no-store no-cache
    {"error":"invalid_grant","error_description":"Malformed mfa_token"}
    "#);
    assert_eq!(service.messages(), []);
    let owner = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
}

#[tokio::test]
async fn an_mfa_token_expires_after_ten_minutes_everywhere() {
    let service = Service::start().await;
    let (token, other) = (service.begin().await, service.begin().await);
    service.advance(599);
    let in_time = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(in_time.status, 200, "{}", in_time.raw);
    service.advance(1);
    let expired = [
        service.redeem_otp(&other, &service.totp()).await,
        service.redeem_recovery(&other, demo::RECOVERY_CODE).await,
        service.challenge(&other, "sms").await,
        service.verify(&other, &service.totp()).await,
        service.get("/mfa/authenticators", Some(&other)).await,
        // Completed logins get the same answer.
        service.redeem_otp(&token, &service.totp()).await,
    ];
    assert_snapshot!(alike(&expired), @r#"
    401 application/json no-store no-cache
    {"error":"expired_token","error_description":"mfa_token is expired"}
    "#);
}
