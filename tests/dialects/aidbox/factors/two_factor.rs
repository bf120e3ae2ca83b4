//! Aidbox's two-factor calls: every answer, and who may turn two-factor on and off.

use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::harness::account::{EMAIL, PASSWORD, USER_NAME};
use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Service, alike};

#[tokio::test]
async fn a_request_gives_the_uri_of_an_app_with_the_issuer_of_the_settings() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let begun = service.two_factor("request", &access, &json!({})).await;
    assert_snapshot!(begun.shown(), @r#"
    200 application/json no-store no-cache
    {"uri":"otpauth://totp/Demo:plain%40example.com?secret=[seed]&issuer=Demo&algorithm=SHA1&digits=6&period=30"}
    "#);
    // The key stays the same until it is confirmed, under both paths.
    let again = service
        .post_as(Some(&access), "/auth/two-factor/request", &json!({}))
        .await;
    assert_eq!(again.raw, begun.raw);
    let seed = service.two_factor_seed(&access).await;
    let body = json!({ "token": service.app_code(&seed) });
    let done = service.two_factor("confirm", &access, &body).await;
    assert_snapshot!(done.shown(), @r#"
    200 application/json no-store no-cache
    {
      "recoveryCodes": [
        "[recovery code]", "[recovery code]", "[recovery code]", "[recovery code]", "[recovery code]", "[recovery code]",
        "[recovery code]", "[recovery code]", "[recovery code]", "[recovery code]"
      ]
    }
    "#);
}

#[tokio::test]
async fn confirming_what_was_not_requested_is_422() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    for path in ["/app/auth/two-factor/confirm", "/auth/two-factor/confirm"] {
        let body = json!({ "token": "123456" });
        let refused = service.post_as(Some(&access), path, &body).await;
        refused.is_refused(422, "not_requested", "2FA is not requested");
    }
    // A session cannot confirm a key that another session requested.
    let seed = service.two_factor_seed(&access).await;
    let body = json!({ "token": service.app_code(&seed) });
    let other = service.aidbox_plain().await;
    let refused = service.two_factor("confirm", &other, &body).await;
    assert_snapshot!(refused.shown(), @r#"
    422 application/json no-store no-cache
    {"error":"not_requested","error_description":"2FA is not requested"}
    "#);
}

#[tokio::test]
async fn a_wrong_token_is_422_and_leaves_two_factor_off() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let seed = service.two_factor_seed(&access).await;
    let wrong = json!({ "token": "000000" });
    let refused = service.two_factor("confirm", &access, &wrong).await;
    assert_snapshot!(refused.shown(), @r#"
    422 application/json no-store no-cache
    {"error":"wrong_token","error_description":"Wrong token"}
    "#);
    assert_eq!(
        service.aidbox_login(demo::PLAIN_USER, None).await.status,
        200
    );
    // A code of an earlier time step.
    let old = json!({ "token": service.app_code(&seed) });
    service.advance(90);
    let refused = service.two_factor("confirm", &access, &old).await;
    refused.is_refused(422, "wrong_token", "Wrong token");
    let missing = service.two_factor("confirm", &access, &json!({})).await;
    assert_snapshot!(missing.shown(), @r#"
    400 application/json no-store no-cache
    {"error":"invalid_request","error_description":"Missing required parameter: token"}
    "#);
}

#[tokio::test]
async fn requesting_and_confirming_what_is_on_is_422() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let (seed, codes) = service.two_factor_on(&access).await;
    assert_eq!(codes.len(), 10);
    let mut refused = Vec::new();
    for body in [json!({}), json!({ "transport": "phone" })] {
        refused.push(service.two_factor("request", &access, &body).await);
    }
    service.advance(30);
    let body = json!({ "token": service.app_code(&seed) });
    refused.push(service.two_factor("confirm", &access, &body).await);
    assert_snapshot!(alike(&refused), @r#"
    422 application/json no-store no-cache
    {"error":"already_enabled","error_description":"2FA is already enabled"}
    "#);
    assert_eq!(service.messages()[0].to, demo::PLAIN_USER);
    let told = service.messages()[0].subject.clone();
    assert_eq!(
        told.as_deref(),
        Some("Your Countersign Demo account was changed")
    );
}

#[tokio::test]
async fn turning_it_on_ends_every_other_session_and_not_its_own() {
    let service = Service::start().await;
    let other = service.aidbox_plain().await;
    let access = service.aidbox_plain().await;
    service.two_factor_on(&access).await;
    assert_eq!(service.aidbox_userinfo(&access).await.status, 200);
    assert_eq!(service.aidbox_userinfo(&other).await.status, 401);
    let asked = service.aidbox_login(demo::PLAIN_USER, None).await;
    asked.is_refused(400, "invalid_grant", "2FA token is required");
}

#[tokio::test]
async fn a_session_older_than_ten_minutes_may_not_turn_it_on() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    service.advance(600);
    let refused = service.two_factor("request", &access, &json!({})).await;
    assert_snapshot!(refused.shown(), @r#"
    401 application/json no-store no-cache
    www-authenticate: Bearer error="insufficient_user_authentication", max_age=600
    {"error":"insufficient_user_authentication","error_description":"Log in again with the strongest 2FA token"}
    "#);
}

#[tokio::test]
async fn disabling_takes_a_token_and_everything_goes() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let none = json!({ "token": "123456" });
    let off = service.two_factor("disable", &access, &none).await;
    assert_snapshot!(off.shown(), @r#"
    422 application/json no-store no-cache
    {"error":"not_enabled","error_description":"2FA is not enabled"}
    "#);
    let (seed, codes) = service.two_factor_on(&access).await;
    let missing = service.two_factor("disable", &access, &json!({})).await;
    missing.is_refused(400, "invalid_request", "Missing required parameter: token");
    let wrong = service.two_factor("disable", &access, &none).await;
    wrong.is_refused(422, "wrong_token", "Wrong token");
    // The code that confirmed the app is consumed.
    let used = json!({ "token": service.app_code(&seed) });
    let again = service.two_factor("disable", &access, &used).await;
    again.is_refused(422, "wrong_token", "Wrong token");
    // A current code is enough, however old the session is.
    service.advance(1200);
    let right = json!({ "token": service.app_code(&seed) });
    let done = service.two_factor("disable", &access, &right).await;
    assert_snapshot!(done.shown(), @r"
    200 application/json no-store no-cache
    {}
    ");
    let state = service.aidbox_userinfo(&access).await;
    assert_eq!(state.body["twoFactor"], json!({ "enabled": false }));
    let account = service.account(demo::PLAIN_USER).await;
    assert!(account.factors.is_empty() && account.recovery.is_none());
    assert_eq!(
        service.aidbox_login(demo::PLAIN_USER, None).await.status,
        200
    );
    let code = json!({ "token": codes[0] });
    let over = service.two_factor("disable", &access, &code).await;
    over.is_refused(422, "not_enabled", "2FA is not enabled");
}

#[tokio::test]
async fn a_code_that_a_login_has_used_disables_nothing() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let (seed, codes) = service.two_factor_on(&access).await;
    service.advance(30);
    let code = service.app_code(&seed);
    let login = service.aidbox_login(demo::PLAIN_USER, Some(&code)).await;
    assert_eq!(login.status, 200, "{}", login.raw);
    let login = service
        .aidbox_login(demo::PLAIN_USER, Some(&codes[0]))
        .await;
    assert_eq!(login.status, 200, "{}", login.raw);
    for used in [&code, &codes[0]] {
        let body = json!({ "token": used });
        let refused = service.two_factor("disable", &access, &body).await;
        refused.is_refused(422, "wrong_token", "Wrong token");
    }
    let body = json!({ "token": codes[1] });
    let done = service.two_factor("disable", &access, &body).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn a_token_that_a_login_uses_while_it_disables_does_not_disable() {
    for by_recovery in [false, true] {
        let proxy = Proxy::start().await;
        let before = proxy.clone();
        let service =
            Service::start_through(&[], |dynamodb, others| (before.before(dynamodb), others)).await;
        let access = service.aidbox_plain().await;
        let (seed, codes) = service.two_factor_on(&access).await;
        service.advance(30);
        let code = match by_recovery {
            true => codes[0].clone(),
            false => service.app_code(&seed),
        };
        let body = json!({ "token": code });
        // The request to disable has compared the code, and waits at its transaction.
        proxy.queue("TransactWriteItems", Fault::Hold);
        let login = async {
            proxy.held().await;
            let login = service.aidbox_login(demo::PLAIN_USER, Some(&code)).await;
            proxy.release();
            login
        };
        let (disabled, login) = tokio::join!(service.two_factor("disable", &access, &body), login);
        assert_eq!(login.status, 200, "{}", login.raw);
        disabled.is_refused(422, "wrong_token", "Wrong token");
        let state = service.aidbox_userinfo(&access).await;
        assert_eq!(state.body["twoFactor"], json!({ "enabled": true }));
    }
}

#[tokio::test]
async fn where_the_policy_requires_it_nobody_turns_it_off_and_the_login_asks_for_a_code() {
    let mut service = Service::start().await;
    service.registered_and_confirmed().await;
    let access = service.aidbox_plain().await;
    let (seed, _) = service.two_factor_on(&access).await;
    service.take(service.restarted_with(&[("COUNTERSIGN_MFA_POLICY", "required")]));
    service.advance(30);
    let body = json!({ "token": service.app_code(&seed) });
    let refused = service.two_factor("disable", &access, &body).await;
    assert_snapshot!(refused.shown(), @r#"
    422 application/json no-store no-cache
    {"error":"two_factor_required","error_description":"2FA may not be disabled"}
    "#);
    for name in [EMAIL, USER_NAME] {
        let asked = service.aidbox_password(name, PASSWORD, &json!({})).await;
        asked.is_refused(400, "invalid_grant", "2FA token is required");
    }
}

#[tokio::test]
async fn without_an_access_token_every_call_is_401() {
    let service = Service::start().await;
    let (mut missing, mut wrong) = (Vec::new(), Vec::new());
    for call in ["request", "confirm", "disable"] {
        let path = format!("/app/auth/two-factor/{call}");
        let body = json!({ "token": "123456" });
        missing.push(service.post_as(None, &path, &body).await);
        wrong.push(service.post_as(Some("nothing"), &path, &body).await);
    }
    assert_snapshot!(alike(&missing), @r#"
    401 application/json no-store no-cache
    www-authenticate: Bearer
    {"error":"invalid_token","error_description":"The access token is missing"}
    "#);
    assert_snapshot!(alike(&wrong), @r#"
    401 application/json no-store no-cache
    www-authenticate: Bearer error="invalid_token"
    {"error":"invalid_token","error_description":"The access token is invalid or expired"}
    "#);
}
