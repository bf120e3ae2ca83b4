//! Enrolling, confirming, replacing and removing factors in Auth0's dialect.

use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::harness::enrolment::MFA_SCOPES;
use crate::harness::{Service, in_turn};

/// A user without a factor who must have one.
pub const FORCED: &str = "forced@example.com";

/// A service with that user.
pub async fn with_forced_user() -> Service {
    let service = Service::start().await;
    service.add_user(FORCED, |_| {}).await;
    service
}

/// Enrols an authenticator app as the first factor of the forced user, and gives the seed
/// of the app.
pub async fn enrolled(service: &Service) -> String {
    let token = service.begin_shown(FORCED).await;
    let body = json!({ "authenticator_types": ["otp"] });
    let begun = service.associate(&token, &body).await;
    assert_eq!(begun.status, 200, "{}", begun.raw);
    let seed = begun.text("secret");
    let tokens = service.redeem_otp(&token, &service.app_code(&seed)).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    service.advance(30);
    seed
}

/// The subjects of the notices that were sent, newest first.
pub fn notices(service: &Service) -> Vec<String> {
    let messages = service.messages().into_iter();
    let told = messages.filter(|message| {
        let subject = message.subject.as_deref();
        subject == Some("Your Countersign Demo account was changed")
    });
    told.map(|message| message.text.lines().next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_first_app_is_enrolled_used_lost_and_replaced() {
    let service = with_forced_user().await;
    let begun = service.password_as(FORCED).await;
    assert_snapshot!(begun.shown(), @r#"
    403 application/json no-store no-cache
    {
      "error": "mfa_required",
      "error_description": "Multifactor authentication required",
      "mfa_token": "[opaque]",
      "mfa_requirements": {"challenge":[{"type":"email"}]}
    }
    "#);
    let token = service.begin_shown(FORCED).await;
    let challenged = service.challenge(&token, "sms").await;
    assert_snapshot!(challenged.shown(), @r#"
    400 application/json no-store no-cache
    {
      "error": "unsupported_challenge_type",
      "error_description": "User does not have any authenticators of the given type."
    }
    "#);

    let begun = service
        .associate(&token, &json!({ "authenticator_types": ["otp"] }))
        .await;
    assert_snapshot!(begun.shown(), @r#"
    200 application/json no-store no-cache
    {
      "authenticator_type": "otp",
      "secret": "[seed]",
      "barcode_uri": "otpauth://totp/Demo:forced%40example.com?secret=[seed]&issuer=Demo&algorithm=SHA1&digits=6&period=30",
      "recovery_codes": ["[recovery code]"]
    }
    "#);
    let (seed, recovery) = (
        begun.text("secret"),
        begun.body["recovery_codes"][0].clone(),
    );
    let uri = begun.text("barcode_uri");
    assert!(uri.contains(&format!("?secret={seed}&")), "{uri}");
    assert_eq!(
        service.listed(&token).await,
        [("totp".into(), false), ("email".into(), true)]
    );

    let tokens = service.redeem_otp(&token, &service.app_code(&seed)).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(
        tokens.claims("access_token")["amr"],
        json!(["pwd", "otp", "mfa"])
    );
    assert_eq!(
        notices(&service),
        ["An authenticator app was added to your account."]
    );

    service.advance(30);
    let token = service.begin_shown(FORCED).await;
    assert_eq!(
        service.listed(&token).await,
        [("recovery-code".into(), true), ("totp".into(), true)]
    );
    let tokens = service.redeem_otp(&token, &service.app_code(&seed)).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);

    // The app is lost. The recovery code signs in, and the user removes the app and
    // adds another.
    let token = service
        .password_for_mfa(FORCED, MFA_SCOPES)
        .await
        .text("mfa_token");
    let tokens = service
        .redeem_recovery(&token, recovery.as_str().unwrap())
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let access = tokens.text("access_token");
    let second = service.associate_app(&access).await;
    let answer = service
        .redeem_otp(&access, &service.app_code(&second))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    // The new app has replaced the lost app.
    let left = service.account(FORCED).await;
    assert_eq!(left.active_factors().count(), 1);

    service.advance(30);
    let token = service.begin_shown(FORCED).await;
    let old = service.redeem_otp(&token, &service.app_code(&seed)).await;
    old.is_refused(403, "invalid_grant", "Invalid otp_code.");
    let new = service.redeem_otp(&token, &service.app_code(&second)).await;
    assert_eq!(new.status, 200, "{}", new.raw);
    let code = tokens.text("recovery_code");
    let token = service.begin_shown(FORCED).await;
    assert_eq!(service.redeem_recovery(&token, &code).await.status, 200);
}

#[tokio::test]
async fn a_first_address_is_confirmed_by_the_code_that_was_sent_to_it() {
    let mut answers = Vec::new();
    for (channel, parameter, to) in [
        ("sms", "phone_number", "+15555550123"),
        ("email", "email", "other@example.com"),
    ] {
        let service = with_forced_user().await;
        let token = service.begin_shown(FORCED).await;
        let body = json!({
            "authenticator_types": ["oob"], "oob_channels": [channel], parameter: to,
        });
        let begun = service.associate(&token, &body).await;
        assert_eq!(service.messages()[0].to, to);
        let (oob, code) = (begun.text("oob_code"), service.newest_code());
        answers.push(begun);
        let tokens = service.redeem_oob(&token, &oob, &code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.raw);
        service.advance(30);
        let next = service.begin_shown(FORCED).await;
        let challenge = service.challenge(&next, channel).await.text("oob_code");
        let tokens = service
            .redeem_oob(&next, &challenge, &service.newest_code())
            .await;
        assert_eq!(tokens.status, 200, "{channel}: {}", tokens.raw);
    }
    assert_snapshot!(in_turn(&answers), @r#"
    200 application/json no-store no-cache
    {
      "authenticator_type": "oob",
      "oob_channel": "sms",
      "oob_code": "[opaque]",
      "binding_method": "prompt",
      "recovery_codes": ["[recovery code]"]
    }

    200 application/json no-store no-cache
    {
      "authenticator_type": "oob",
      "oob_channel": "email",
      "oob_code": "[opaque]",
      "binding_method": "prompt",
      "recovery_codes": ["[recovery code]"]
    }
    "#);
}

#[tokio::test]
async fn the_same_address_again_sends_the_next_code_and_both_are_good() {
    let service = with_forced_user().await;
    let token = service.begin_shown(FORCED).await;
    let body = json!({
        "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "+15555550123",
    });
    let first = service.associate(&token, &body).await.text("oob_code");
    let code = service.newest_code();
    let soon = service.associate(&token, &body).await;
    assert_snapshot!(soon.shown(), @r#"
    200 application/json no-store no-cache
    {
      "authenticator_type": "oob",
      "oob_channel": "sms",
      "oob_code": "[opaque]",
      "binding_method": "prompt",
      "recovery_codes": ["[recovery code]"]
    }
    "#);
    assert_eq!(
        service.newest_code(),
        code,
        "none is sent within half a minute"
    );
    service.advance(30);
    assert_eq!(service.associate(&token, &body).await.status, 200);
    assert_ne!(service.newest_code(), code);
    assert_eq!(service.account(FORCED).await.factors.len(), 1);
    let tokens = service.redeem_oob(&token, &first, &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn another_factor_is_enrolled_by_a_session_which_goes_on_while_all_others_end() {
    let service = Service::start().await;
    let pending = service.begin().await;
    let scope = format!("openid offline_access {MFA_SCOPES}");
    let begun = service.password_for_mfa(demo::USER, &scope).await;
    let mine = service
        .redeem_otp(&begun.text("mfa_token"), &service.totp())
        .await;
    service.advance(30);
    let begun = service.begin().await;
    let theirs = service.redeem_otp(&begun, &service.totp()).await;
    let (access, refresh) = (mine.text("access_token"), mine.text("refresh_token"));

    let seed = service.associate_app(&access).await;
    let listed = service.listed(&access).await;
    assert_eq!(listed.iter().filter(|(_, active)| !active).count(), 1);
    let tokens = service.redeem_otp(&access, &service.app_code(&seed)).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let (before, after) = (mine.claims("access_token"), tokens.claims("access_token"));
    for name in ["sid", "aud", "scope", "auth_time", "amr", "acr"] {
        assert_eq!(before[name], after[name], "{name}");
    }
    assert_eq!(tokens.body["refresh_token"], json!(null));

    // The session and both of its access tokens stay valid. Everything else has ended.
    for token in [&access, &tokens.text("access_token")] {
        let listed = service.listed(token).await;
        assert_eq!(listed.iter().filter(|(kind, _)| kind == "totp").count(), 1);
    }
    assert_eq!(service.refresh(&refresh).await.status, 200);
    assert_eq!(
        service.refresh(&theirs.text("refresh_token")).await.status,
        403
    );
    let old = service
        .get("/userinfo", Some(&theirs.text("access_token")))
        .await;
    assert_eq!(old.status, 401);
    let over = service.redeem_otp(&pending, &service.totp()).await;
    over.is_refused(401, "expired_token", "mfa_token is expired");
}

#[tokio::test]
async fn a_session_enrols_an_address_and_may_have_the_code_sent_again() {
    let service = Service::start().await;
    let access = service.strong_token().await;
    let body = json!({
        "authenticator_types": ["oob"], "oob_channels": ["email"], "email": "other@example.com",
    });
    let begun = service.associate(&access, &body).await;
    // Recovery codes come with the first factor only.
    assert_snapshot!(begun.shown(), @r#"
    200 application/json no-store no-cache
    {"authenticator_type":"oob","oob_channel":"email","oob_code":"[opaque]","binding_method":"prompt"}
    "#);
    let first = service.newest_code();
    service.advance(30);
    let account = service.account(demo::USER).await;
    let waiting = account
        .factors
        .iter()
        .find(|one| !one.confirmed)
        .unwrap()
        .id;
    let again = json!({
        "mfa_token": access,
        "client_id": demo::CLIENT,
        "challenge_type": "oob",
        "authenticator_id": format!("email|dev_{waiting}"),
    });
    let again = service.post_json("/mfa/challenge", &again).await;
    assert_eq!(again.status, 200, "{}", again.raw);
    assert_ne!(service.newest_code(), first);
    let tokens = service
        .redeem_oob(&access, &again.text("oob_code"), &first)
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let account = service.account(demo::USER).await;
    assert_eq!(account.active_factors().count(), 4);
    assert_eq!(account.user.epoch, 2);
}

#[tokio::test]
async fn a_session_without_a_refresh_token_goes_on_too() {
    let service = Service::start().await;
    let access = service.strong_token().await;
    let account = service.account(demo::USER).await;
    let sms = account
        .factors
        .iter()
        .find(|factor| factor.rank() == 1)
        .unwrap()
        .id;
    for id in [format!("sms|dev_{sms}"), format!("sms%7Cdev_{sms}")] {
        let answer = service.remove(&access, &id).await;
        let expected = if id.contains('%') { 404 } else { 204 };
        assert_eq!(answer.status, expected, "{id}: {}", answer.raw);
    }
    let totp = account.factors[0].id;
    let answer = service.remove(&access, &format!("totp%7Cdev_{totp}")).await;
    assert_snapshot!(answer.shown(), @"204 no-store no-cache");
    assert_eq!(
        notices(&service),
        [
            "An authenticator app was removed from your account.",
            "A phone for sign-in codes was removed from your account.",
        ]
    );
    // The verified e-mail address is left, and cannot be removed.
    let email = account.factors[2].id;
    let answer = service.remove(&access, &format!("email|dev_{email}")).await;
    assert_snapshot!(answer.shown(), @r#"
    403 application/json no-store no-cache
    {"error":"access_denied","error_description":"This authenticator cannot be removed."}
    "#);
}

#[tokio::test]
async fn with_the_last_factor_the_recovery_codes_and_the_demand_go() {
    let service = with_forced_user().await;
    let seed = enrolled(&service).await;
    let token = service
        .password_for_mfa(FORCED, MFA_SCOPES)
        .await
        .text("mfa_token");
    let access = service.redeem_otp(&token, &service.app_code(&seed)).await;
    let access = access.text("access_token");
    let id = service.account(FORCED).await.factors[0].id;
    assert_eq!(
        service
            .remove(&access, &format!("totp|dev_{id}"))
            .await
            .status,
        204
    );
    let after = service.account(FORCED).await;
    assert!(after.factors.is_empty() && after.recovery.is_none() && !after.user.two_factor);
    assert_eq!(service.password_as(FORCED).await.status, 200);
}

#[tokio::test]
async fn the_recovery_code_is_replaced_on_demand() {
    let service = Service::start().await;
    let access = service.strong_token().await;
    let body = json!({ "authenticator_types": ["recovery-code"] });
    let answer = service.associate(&access, &body).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {"authenticator_type":"recovery-code","recovery_codes":["[recovery code]"]}
    "#);
    assert_eq!(
        notices(&service),
        ["The recovery codes of your account were replaced."]
    );
    let new = answer.body["recovery_codes"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let token = service.begin().await;
    let old = service.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    old.is_refused(403, "invalid_grant", "MFA Authorization rejected.");
    assert_eq!(service.redeem_recovery(&token, &new).await.status, 200);
}
