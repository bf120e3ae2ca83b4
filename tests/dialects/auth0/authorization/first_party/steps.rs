//! The steps of a login without a browser, one by one.

use countersign::domain::accounts::user::Account;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use super::app::{ASKED, NATIVE, NativeApp, PATH, add_apps, change_app, with_apps};
use crate::dialects::aidbox::authorization::authorize::CHALLENGE;
use crate::dialects::auth0::login::passkeys::authenticator::{self, ORIGIN};
use crate::harness::Service;

#[tokio::test]
async fn a_code_by_e_mail_is_sent_by_one_step_and_shown_by_the_next() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let session = app.begin().await;
    let asked = [
        ("auth_session", session.as_str()),
        ("challenge_type", "oob"),
        ("oob_channel", "email"),
    ];
    let sent = app.step(&asked).await;
    assert_snapshot!(sent.shown(), @r#"
    403 application/json no-store no-cache
    {
      "error": "insufficient_authorization",
      "error_description": "Ask the user for the code.",
      "steps": ["code"],
      "auth_session": "[opaque]",
      "challenge_type": "oob",
      "oob_code": "[opaque]",
      "binding_method": "prompt"
    }
    "#);
    let shown = [
        ("auth_session", session.as_str()),
        ("oob_code", &sent.text("oob_code")),
        ("binding_code", &service.newest_code()),
    ];
    let done = app.step(&shown).await;
    assert_eq!(done.members(), ["authorization_code"], "{}", done.raw);
    let tokens = app.exchange(&done.text("authorization_code")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn the_mfa_api_takes_the_auth_session_too_and_the_last_step_gives_the_code() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let session = app.begin().await;
    let listed = service.get("/mfa/authenticators", Some(&session)).await;
    assert_eq!(listed.status, 200, "{}", listed.raw);
    let body = json!({ "mfa_token": session, "client_id": NATIVE, "code": service.totp() });
    let verified = service.post_json("/mfa/verify", &body).await;
    assert_eq!(verified.status, 200, "{}", verified.raw);
    let done = app.step(&[("auth_session", &session)]).await;
    assert_eq!(done.members(), ["authorization_code"], "{}", done.raw);
}

#[tokio::test]
async fn a_recovery_code_gives_the_code_and_a_new_recovery_code() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let session = app.begin().await;
    let shown = [
        ("auth_session", session.as_str()),
        ("recovery_code", demo::RECOVERY_CODE),
    ];
    let done = app.step(&shown).await;
    assert_eq!(done.members(), ["authorization_code", "recovery_code"]);
    service.watch_secret(&done.text("recovery_code"));
    let tokens = app.exchange(&done.text("authorization_code")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn an_app_that_asks_again_is_told_the_same_factors_and_nothing_is_charged() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let first = app.password_of(demo::USER).await;
    let session = first.text("auth_session");
    let again = app.step(&[("auth_session", &session)]).await;
    assert_eq!(again.raw, first.raw);
    assert_eq!(service.wrong_guesses_left().await, 10);
}

#[tokio::test]
async fn a_request_with_the_auth_session_may_leave_the_client_out() {
    let service = with_apps().await;
    let session = NativeApp::new(&service).begin().await;
    let code = service.totp();
    let fields = [("auth_session", session.as_str()), ("otp", &code)];
    let done = service.post_form(PATH, &fields).await;
    assert_eq!(done.members(), ["authorization_code"], "{}", done.raw);
    let forged = [("auth_session", "AAAA"), ("otp", &code)];
    let refused = service.post_form(PATH, &forged).await;
    assert_eq!(refused.text("error"), "invalid_session", "{}", refused.raw);
}

#[tokio::test]
async fn a_user_without_a_factor_enrols_an_app_and_its_first_code_gives_the_code() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let user = "new@example.com";
    let without_address = |account: &mut Account| account.user.email = None;
    service.add_user(user, without_address).await;
    let first = app.password_of(user).await;
    assert_snapshot!(first.shown(), @r#"
    403 application/json no-store no-cache
    {
      "error": "insufficient_authorization",
      "error_description": "A second factor is needed.",
      "steps": ["enroll"],
      "auth_session": "[opaque]",
      "mfa_requirements": {"enroll":[{"type":"otp"},{"type":"phone"},{"type":"email"}]}
    }
    "#);
    let session = first.text("auth_session");
    let seed = service.associate_app(&session).await;
    let code = service.app_code(&seed);
    let done = app.otp(&session, &code).await;
    assert_eq!(done.members(), ["authorization_code"], "{}", done.raw);
    let tokens = app.exchange(&done.text("authorization_code")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(tokens.claims("access_token")["acr"], "aal2");
}

#[tokio::test]
async fn a_passkey_gives_the_code_by_one_signature() {
    let service = authenticator::start_with(&[]).await;
    add_apps(&service).await;
    let origin = vec![ORIGIN.to_owned()];
    change_app(&service, |client| client.web_origins = origin).await;
    let app = NativeApp::new(&service);
    let mut passkey = authenticator::enrolled(&service).await;
    let offered = app.step(&ASKED).await;
    assert_snapshot!(offered.shown(), @r#"
    403 application/json no-store no-cache
    {
      "error": "insufficient_authorization",
      "error_description": "Ask the user for the name and the password, or for a passkey.",
      "steps": ["password","passkey"],
      "auth_session": "[opaque]",
      "authn_params_public_key": {"challenge":"[opaque]","timeout":300000,"rpId":"localhost","userVerification":"preferred"}
    }
    "#);
    let signed = passkey.sign(&offered.body["authn_params_public_key"]);
    let (session, signed) = (offered.text("auth_session"), signed.to_string());
    let mut fields = ASKED.to_vec();
    fields.extend([
        ("auth_session", session.as_str()),
        ("authn_response", &signed),
    ]);
    let done = app.step(&fields).await;
    assert_eq!(done.members(), ["authorization_code"], "{}", done.raw);
    let tokens = app.exchange(&done.text("authorization_code")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(tokens.claims("access_token")["acr"], "aal2");
    let again = app.step(&fields).await;
    assert_eq!(again.text("error"), "invalid_grant", "{}", again.raw);
}

#[tokio::test]
async fn a_nonce_an_audience_and_a_wish_for_a_factor_of_the_first_request_reach_the_tokens() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let mut fields = ASKED.to_vec();
    fields.extend([
        ("nonce", "n1"),
        ("audience", demo::AUDIENCE),
        ("acr_values", "aal2"),
        ("username", demo::USER),
        ("password", demo::PASSWORD_OF_ALL),
    ]);
    let session = app.step(&fields).await.text("auth_session");
    let done = app.otp(&session, &service.totp()).await;
    let tokens = app.exchange(&done.text("authorization_code")).await;
    assert_eq!(tokens.claims("id_token")["nonce"], "n1");
    assert_eq!(tokens.claims("access_token")["aud"][0], demo::AUDIENCE);
}

#[tokio::test]
async fn a_later_request_may_repeat_the_challenge_and_not_change_it() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let session = app.begin().await;
    let code = service.totp();
    let with = |challenge: &'static str| {
        vec![
            ("auth_session", session.as_str()),
            ("otp", code.as_str()),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ]
    };
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let refused = app.step(&with(other)).await;
    assert_eq!(refused.text("error"), "invalid_request", "{}", refused.raw);
    let done = app.step(&with(CHALLENGE)).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn an_app_keeps_its_auth_session_after_the_code_and_begins_anew_with_it() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let session = app.begin().await;
    let done = app.otp(&session, &service.totp()).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let mut fields = ASKED.to_vec();
    fields.extend([
        ("auth_session", session.as_str()),
        ("username", demo::USER),
        ("password", demo::PASSWORD_OF_ALL),
    ]);
    let anew = app.step(&fields).await;
    assert_eq!(
        anew.text("error"),
        "insufficient_authorization",
        "{}",
        anew.raw
    );
    assert_ne!(anew.text("auth_session"), session);
}

#[tokio::test]
async fn the_dialect_has_to_be_switched_on() {
    let service = Service::start_with(&[("COUNTERSIGN_DIALECTS", "abp")]).await;
    let answer = service.post_form(PATH, &ASKED).await;
    assert_eq!(answer.status, 404, "{}", answer.raw);
}
