//! `POST /mfa/verify`, and the ways to complete a verified login.

use countersign::domain::factors::factor::Channel;
use countersign_local::demo;
use insta::{allow_duplicates, assert_snapshot};
use serde_json::json;

use crate::harness::{Answer, Service, address_factor, alike};

#[track_caller]
pub fn is_verified(answer: &Answer) {
    assert_eq!((answer.status, &*answer.raw), (200, r#"{"verified":true}"#));
    answer.is_private();
}

#[track_caller]
fn is_expired(answer: &Answer) {
    answer.is_refused(401, "expired_token", "mfa_token is expired");
}

#[track_caller]
pub fn gives_tokens(answer: &Answer) {
    allow_duplicates! {
        assert_snapshot!(answer.shown(), @r#"
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
    }
}

/// After a recovery code, there is a new code beside the tokens.
#[track_caller]
fn gives_tokens_and_a_code(answer: &Answer) {
    allow_duplicates! {
        assert_snapshot!(answer.shown(), @r#"
        200 application/json no-store no-cache
        {
          "access_token": "[jwt]",
          "scope": "openid profile email phone read:sample offline_access",
          "expires_in": 3600,
          "token_type": "Bearer",
          "id_token": "[jwt]",
          "refresh_token": "[opaque]",
          "recovery_code": "[recovery code]"
        }
        "#);
    }
}

/// A login that was verified with a code by this channel.
async fn verified_by(service: &Service, channel: &str) -> String {
    let token = service.begin().await;
    service.challenge(&token, channel).await;
    is_verified(&service.verify(&token, &service.newest_code()).await);
    token
}

/// The password step of the demo user with the token of a login.
async fn password_with(service: &Service, name: &str, token: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", name),
        ("password", demo::PASSWORD_OF_ALL),
        ("mfa_token", token),
    ];
    service.post_form("/oauth/token", &fields).await
}

#[tokio::test]
async fn a_login_verified_with_any_factor_is_completed_by_any_mfa_grant_without_its_code() {
    let service = Service::start().await;
    for grant in ["mfa-otp", "mfa-oob", "mfa-recovery-code"] {
        let token = service.begin().await;
        is_verified(&service.verify(&token, &service.totp()).await);
        let answer = service.grant(grant, &[("mfa_token", &token)]).await;
        gives_tokens(&answer);
        let amr = json!(["pwd", "otp", "mfa"]);
        assert_eq!(answer.claims("access_token")["amr"], amr);
        service.advance(30);
    }
    for (channel, amr, acr) in [
        ("sms", json!(["pwd", "sms", "mfa"]), "aal2"),
        ("email", json!(["pwd", "otp", "mfa"]), "aal1"),
    ] {
        let token = verified_by(&service, channel).await;
        let answer = service.grant("mfa-otp", &[("mfa_token", &token)]).await;
        gives_tokens(&answer);
        let claims = answer.claims("access_token");
        assert_eq!((&claims["amr"], &claims["acr"]), (&amr, &json!(acr)));
    }
}

#[tokio::test]
async fn a_login_verified_with_a_recovery_code_gives_its_new_code_with_the_tokens() {
    let service = Service::start().await;
    let token = service.begin().await;
    is_verified(&service.verify(&token, demo::RECOVERY_CODE).await);
    // The verify consumed the code.
    let other = service.begin().await;
    let spent = service.redeem_recovery(&other, demo::RECOVERY_CODE).await;
    spent.is_refused(403, "invalid_grant", "MFA Authorization rejected.");
    let answer = service
        .grant("mfa-recovery-code", &[("mfa_token", &token)])
        .await;
    gives_tokens_and_a_code(&answer);
    let new = answer.text("recovery_code");
    gives_tokens_and_a_code(&service.redeem_recovery(&other, &new).await);
}

#[tokio::test]
async fn a_verified_login_is_completed_by_the_password_with_its_token() {
    let service = Service::start().await;
    let token = verified_by(&service, "sms").await;
    let answer = password_with(&service, demo::USER, &token).await;
    // The scope is that of the first request, and not the empty scope of this request.
    gives_tokens(&answer);
    is_expired(&password_with(&service, demo::USER, &token).await);
}

#[tokio::test]
async fn the_password_with_the_token_of_an_unverified_login_begins_another_one() {
    let service = Service::start().await;
    let token = service.begin().await;
    let answer = password_with(&service, demo::USER, &token).await;
    assert_eq!(answer.text("error"), "mfa_required");
    assert_ne!(answer.text("mfa_token"), token);
}

#[tokio::test]
async fn a_verified_login_is_not_completed_by_another_users_password_or_a_wrong_one() {
    let service = Service::start().await;
    let token = verified_by(&service, "sms").await;
    let answer = password_with(&service, demo::PLAIN_USER, &token).await;
    answer.is_refused(403, "invalid_grant", "Malformed mfa_token");
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::USER),
        ("password", "wrong-password"),
        ("mfa_token", &token),
    ];
    let answer = service.post_form("/oauth/token", &fields).await;
    answer.is_refused(403, "invalid_grant", "Wrong email or password.");
    gives_tokens(&password_with(&service, demo::USER, &token).await);
}

#[tokio::test]
async fn a_verified_login_is_not_completed_by_another_client() {
    let service = Service::start().await;
    service.add_client("stranger", |_| {}).await;
    let token = verified_by(&service, "sms").await;
    for fields in [
        vec![("grant_type", "http://auth0.com/oauth/grant-type/mfa-otp")],
        vec![
            ("grant_type", "password"),
            ("username", demo::USER),
            ("password", demo::PASSWORD_OF_ALL),
        ],
    ] {
        let named = [("client_id", "stranger"), ("mfa_token", &*token)];
        let fields: Vec<(&str, &str)> = fields.into_iter().chain(named).collect();
        let answer = service.post_form("/oauth/token", &fields).await;
        answer.is_refused(403, "invalid_grant", "Malformed mfa_token");
    }
    let body = json!({ "mfa_token": token, "client_id": "stranger", "code": "123456" });
    let answer = service.post_json("/mfa/verify", &body).await;
    answer.is_refused(403, "invalid_grant", "Malformed mfa_token");
    gives_tokens(&service.grant("mfa-oob", &[("mfa_token", &token)]).await);
}

#[tokio::test]
async fn a_verified_login_is_completed_once() {
    let service = Service::start().await;
    let token = service.begin().await;
    let code = service.totp();
    assert_snapshot!(service.verify(&token, &code).await.shown(), @r#"
    200 application/json no-store no-cache
    {"verified":true}
    "#);
    gives_tokens(&service.grant("mfa-otp", &[("mfa_token", &token)]).await);
    is_expired(&service.grant("mfa-otp", &[("mfa_token", &token)]).await);
    is_expired(&service.redeem_otp(&token, &code).await);
    is_expired(&service.verify(&token, &code).await);
}

#[tokio::test]
async fn a_login_that_was_not_verified_is_not_completed_without_a_code() {
    let service = Service::start().await;
    let token = service.begin().await;
    service.challenge(&token, "sms").await;
    for (grant, missing) in [
        ("mfa-otp", "otp"),
        ("mfa-oob", "binding_code"),
        ("mfa-recovery-code", "recovery_code"),
    ] {
        let answer = service.grant(grant, &[("mfa_token", &token)]).await;
        let description = format!("Missing required parameter: {missing}");
        answer.is_refused(400, "invalid_request", &description);
    }
}

#[tokio::test]
async fn a_verified_login_ends_after_120_seconds() {
    let service = Service::start().await;
    let late = verified_by(&service, "sms").await;
    let in_time = verified_by(&service, "email").await;
    service.advance(119);
    gives_tokens(&service.grant("mfa-oob", &[("mfa_token", &in_time)]).await);
    service.advance(1);
    is_expired(&service.grant("mfa-oob", &[("mfa_token", &late)]).await);
    is_expired(&password_with(&service, demo::USER, &late).await);
    is_expired(&service.get("/mfa/authenticators", Some(&late)).await);
}

#[tokio::test]
async fn verifying_never_makes_a_login_live_longer() {
    let service = Service::start().await;
    let token = service.begin().await;
    service.advance(590);
    is_verified(&service.verify(&token, &service.totp()).await);
    service.advance(10);
    is_expired(&service.grant("mfa-otp", &[("mfa_token", &token)]).await);
}

#[tokio::test]
async fn repeating_the_same_verify_answers_yes_and_does_not_renew_the_login() {
    let service = Service::start().await;
    let token = service.begin().await;
    let code = service.totp();
    for _ in 0..15 {
        is_verified(&service.verify(&token, &code).await);
        service.advance(7);
    }
    service.advance(15);
    is_expired(&service.verify(&token, &code).await);
}

#[tokio::test]
async fn the_code_that_verified_a_login_completes_it_when_it_is_shown_again() {
    let service = Service::start().await;
    let token = service.begin().await;
    let code = service.totp();
    is_verified(&service.verify(&token, &code).await);
    // The code's time step is long past by now.
    service.advance(110);
    gives_tokens(&service.redeem_otp(&token, &code).await);

    let token = service.begin().await;
    let oob = service.challenge(&token, "email").await.text("oob_code");
    let code = service.newest_code();
    service.advance(299);
    is_verified(&service.verify(&token, &code).await);
    // The five minutes of the send are over too.
    service.advance(119);
    gives_tokens(&service.redeem_oob(&token, &oob, &code).await);

    let token = service.begin().await;
    is_verified(&service.verify(&token, demo::RECOVERY_CODE).await);
    gives_tokens_and_a_code(&service.redeem_recovery(&token, demo::RECOVERY_CODE).await);
}

#[tokio::test]
async fn a_verified_login_takes_no_other_code_however_right() {
    let service = Service::start().await;
    let token = service.begin().await;
    let oob = service.challenge(&token, "email").await.text("oob_code");
    let by_email = service.newest_code();
    is_verified(&service.verify(&token, &by_email).await);
    let answer = service.redeem_otp(&token, &service.totp()).await;
    answer.is_refused(403, "invalid_grant", "Invalid otp_code.");
    let answer = service.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    answer.is_refused(403, "invalid_grant", "MFA Authorization rejected.");
    let body = json!({
        "mfa_token": token, "client_id": demo::CLIENT, "code": service.totp(),
        "authenticator_id": service.authenticator(&token, "totp").await,
    });
    let answer = service.post_json("/mfa/verify", &body).await;
    answer.is_refused(403, "invalid_grant", "Invalid otp_code.");
    // They count as wrong guesses, and neither code is consumed.
    gives_tokens(&service.redeem_oob(&token, &oob, &by_email).await);
    let token = service.begin().await;
    gives_tokens(&service.redeem_otp(&token, &service.totp()).await);
    let token = service.begin().await;
    gives_tokens_and_a_code(&service.redeem_recovery(&token, demo::RECOVERY_CODE).await);
}

#[tokio::test]
async fn a_login_ends_with_its_users_epoch_whether_verified_or_not() {
    let service = Service::start().await;
    let pending = service.begin().await;
    let verified = verified_by(&service, "sms").await;
    service.raise_epoch(demo::USER).await;
    is_expired(&service.verify(&pending, &service.totp()).await);
    is_expired(&service.redeem_otp(&pending, &service.totp()).await);
    is_expired(&service.grant("mfa-oob", &[("mfa_token", &verified)]).await);
    is_expired(&service.challenge(&pending, "email").await);
}

#[tokio::test]
async fn verify_takes_the_newest_send_the_app_or_the_recovery_code_where_none_is_named() {
    let service = Service::start().await;
    // If nothing was sent, the code is the app's.
    let token = service.begin().await;
    is_verified(&service.verify(&token, &service.totp()).await);
    service.advance(30);
    // If a code was sent, the code is its factor's and not the app's.
    let token = service.begin().await;
    service.challenge(&token, "sms").await;
    let answer = service.verify(&token, &service.totp()).await;
    answer.is_refused(403, "invalid_grant", "Invalid binding_code.");
    // The app again, because the request names it.
    let named = json!({
        "mfa_token": token, "client_id": demo::CLIENT, "code": service.totp(),
        "authenticator_id": service.authenticator(&token, "totp").await,
    });
    is_verified(&service.post_json("/mfa/verify", &named).await);
}

#[tokio::test]
async fn verify_takes_the_factor_that_is_named() {
    let service = Service::start().await;
    let token = service.begin().await;
    service.challenge(&token, "sms").await;
    let by_sms = service.newest_code();
    service.challenge(&token, "email").await;
    let named = async |code: &str, kind: &str| {
        let body = json!({
            "mfa_token": token, "client_id": demo::CLIENT, "code": code,
            "authenticator_id": service.authenticator(&token, kind).await,
        });
        service.post_json("/mfa/verify", &body).await
    };
    for kind in ["email", "totp", "recovery-code"] {
        assert_eq!(named(&by_sms, kind).await.status, 403, "{kind}");
    }
    let mut answers = Vec::new();
    for bad in ["nonsense", "push|dev_1", "sms|dev_1"] {
        let body = json!({
            "mfa_token": token, "client_id": demo::CLIENT, "code": by_sms, "authenticator_id": bad,
        });
        answers.push(service.post_json("/mfa/verify", &body).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    400 application/json no-store no-cache
    {
      "error": "unsupported_challenge_type",
      "error_description": "User does not have any authenticators of the given type."
    }
    "#);
    is_verified(&named(&by_sms, "sms").await);
}

#[tokio::test]
async fn a_factor_that_is_not_confirmed_verifies_nothing() {
    let service = Service::start().await;
    let known = address_factor(Channel::Email, "known@example.com", true);
    let user = service
        .add_user("known@example.com", |account| account.factors = vec![known])
        .await;
    let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let half = crate::harness::totp_factor(&service.app, user, seed, false).await;
    let id = half.id;
    service.add_factor(user, &half).await;
    let token = service.begin_as("known@example.com").await;
    let now = u64::try_from(service.now()).unwrap();
    let seed = countersign::domain::factors::totp::Seed::from_base32(seed).unwrap();
    let code = seed.code(now / 30).expose().to_owned();
    let answer = service.redeem_otp(&token, &code).await;
    answer.is_refused(403, "invalid_grant", "Invalid otp_code.");
    let body = json!({
        "mfa_token": token, "client_id": demo::CLIENT, "code": code,
        "authenticator_id": format!("totp|dev_{id}"),
    });
    let answer = service.post_json("/mfa/verify", &body).await;
    answer.is_refused(403, "invalid_grant", "Invalid otp_code.");
}
