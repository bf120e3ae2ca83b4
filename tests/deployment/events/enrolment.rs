//! The routes of `enroll` as Lambda serves them: events of API Gateway, kept
//! in `events/`, answered by the one function that owns the route.

use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::factors::enrolment::{FORCED, with_forced_user};
use crate::harness::Service;

#[tokio::test]
async fn a_first_app_or_phone_is_enrolled_by_one_function_and_confirmed_by_another() {
    let service = with_forced_user().await;
    let token = service.begin_shown(FORCED).await;
    let values = [("mfa_token", &*token)];
    let phone = service.event("enroll-auth0-associate-sms", &values).await;
    assert_eq!(phone.status, 200, "{}", phone.raw);
    assert_eq!(service.messages()[0].to, "+15555550123");
    let begun = service.event("enroll-auth0-associate-otp", &values).await;
    assert_eq!(begun.status, 200, "{}", begun.raw);
    let code = service.app_code(&begun.text("secret"));
    let values = [("mfa_token", &*token), ("otp", &*code)];
    let tokens = service.event("token-auth0-mfa-otp", &values).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let missing = service.event("enroll-auth0-associate-no-token", &[]).await;
    assert_eq!(
        (missing.status, missing.text("error")),
        (401, "invalid_token".into())
    );
}

#[tokio::test]
async fn a_session_enrols_removes_and_replaces_through_the_gateway() {
    let service = Service::start().await;
    let access = service.strong_token().await;
    let sms = service.account(demo::USER).await.factors[1].id;
    let id = format!("sms|dev_{sms}");
    let values = [("access_token", &*access), ("sms_authenticator_id", &*id)];
    let mail = service.event("enroll-auth0-associate-email", &values).await;
    assert_eq!(mail.status, 200, "{}", mail.raw);
    assert_eq!(service.messages()[0].to, "other@example.com");
    let unknown = service.event("enroll-auth0-remove-unknown", &values).await;
    assert_eq!(
        (unknown.status, unknown.text("error")),
        (404, "not_found".into())
    );
    let removed = service.event("enroll-auth0-remove", &values).await;
    assert_eq!((removed.status, &*removed.raw), (204, ""));
    let again = service.event("enroll-auth0-remove", &values).await;
    assert_eq!(again.status, 404, "{}", again.raw);
    let codes = service
        .event("enroll-auth0-associate-recovery-code", &values)
        .await;
    assert_eq!(codes.status, 200, "{}", codes.raw);
    service.watch_secret(codes.body["recovery_codes"][0].as_str().unwrap());
}

#[tokio::test]
async fn abps_two_factor_settings_are_answered_by_enroll() {
    let service = Service::start().await;
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("scope", demo::ABP_SCOPE),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    let access = service
        .post_form("/connect/token", &fields)
        .await
        .text("access_token");
    let values = [("access_token", &*access)];
    for (name, says) in [
        ("enroll-abp-has-authenticator-key", false),
        ("enroll-abp-two-factor-enabled", false),
        ("enroll-abp-can-enable-two-factor", true),
    ] {
        let answer = service.event(name, &values).await;
        assert_eq!((answer.status, answer.body), (200, json!(says)), "{name}");
    }
    let missing = service
        .event("enroll-abp-set-two-factor-enabled-missing", &values)
        .await;
    assert_eq!(missing.status, 400, "{}", missing.raw);
    let nobody = service
        .event("enroll-abp-authenticator-info-no-token", &[])
        .await;
    assert_eq!(nobody.status, 401, "{}", nobody.raw);
    let key = service
        .event("enroll-abp-authenticator-info", &values)
        .await
        .text("key");
    let code = service.app_code(&key);
    let with = [("access_token", &*access), ("code", &*code)];
    let done = service
        .event("enroll-abp-verify-authenticator-code", &with)
        .await;
    assert_eq!(
        done.body["recoveryCodes"].as_array().unwrap().len(),
        10,
        "{}",
        done.raw
    );
    // Two-factor is already on, and the reset needs a session that has shown the app.
    let on = service
        .event("enroll-abp-set-two-factor-enabled", &values)
        .await;
    assert_eq!(on.status, 204, "{}", on.raw);
    let reset = service
        .event("enroll-abp-reset-authenticator", &values)
        .await;
    assert_eq!(reset.status, 403, "{}", reset.raw);
}
