//! Aidbox's routes as Lambda serves them: events of API Gateway, kept in
//! `events/`, answered by the one function that owns the route.

use countersign_local::demo;

use crate::harness::{Answer, Service};

fn told(answer: &Answer) -> (u16, String) {
    (answer.status, answer.error())
}

#[tokio::test]
async fn the_token_function_logs_in_tells_of_the_user_and_signs_out() {
    let service = Service::start().await;
    let plain = service.event("token-aidbox-password", &[]).await;
    assert_eq!(plain.body["userinfo"]["email"], demo::PLAIN_USER);
    let asked = service
        .event("token-aidbox-password-token-missing", &[])
        .await;
    let required = "invalid_grant: 2FA token is required".to_owned();
    assert_eq!(told(&asked), (400, required));
    let wrong = service.event("token-aidbox-password-wrong", &[]).await;
    let said = "invalid_grant: Wrong user or password".to_owned();
    assert_eq!(told(&wrong), (400, said));
    let otp = service.totp();
    let tokens = service
        .event("token-aidbox-password-and-token", &[("otp", &otp)])
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let access = tokens.text("access_token");
    let values = [("access_token", access.as_str())];
    let user = service.event("token-aidbox-userinfo", &values).await;
    assert_eq!(user.body["email"], demo::USER, "{}", user.raw);
    let ended = service.event("token-aidbox-session", &values).await;
    assert_eq!(ended.status, 200, "{}", ended.raw);
    for (name, values) in [
        ("token-aidbox-userinfo", &values[..]),
        ("token-aidbox-userinfo-no-token", &[]),
        ("token-aidbox-session-no-token", &[]),
    ] {
        let refused = service.event(name, values).await;
        assert_eq!(refused.status, 401, "{name}: {}", refused.raw);
    }
    let values = [("refresh_token", "none-of-our-refresh-tokens")];
    let refused = service.event("token-aidbox-refresh", &values).await;
    let said = "invalid_grant: Wrong refresh token".to_owned();
    assert_eq!(told(&refused), (400, said));
}

#[tokio::test]
async fn the_enroll_function_requests_confirms_and_disables() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let values = [("access_token", access.as_str())];
    let sent = service
        .event("enroll-aidbox-request-webhook", &values)
        .await;
    assert_eq!((sent.status, &*sent.raw), (200, "{}"));
    let code = service.newest_code();
    for name in ["enroll-aidbox-request", "enroll-aidbox-auth-request"] {
        let begun = service.event(name, &values).await;
        assert_eq!(begun.members(), ["uri"], "{}", begun.raw);
    }
    let nobody = service.event("enroll-aidbox-request-no-token", &[]).await;
    assert_eq!(nobody.status, 401, "{}", nobody.raw);
    let seed = service.two_factor_seed(&access).await;
    // The app replaced the webhook.
    let old = [("access_token", access.as_str()), ("otp", code.as_str())];
    let wrong = service.event("enroll-aidbox-auth-confirm", &old).await;
    assert_eq!(told(&wrong), (422, "wrong_token: Wrong token".to_owned()));
    let otp = service.app_code(&seed);
    let values = [("access_token", access.as_str()), ("otp", otp.as_str())];
    let done = service.event("enroll-aidbox-confirm", &values).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    for code in done.body["recoveryCodes"].as_array().unwrap() {
        service.watch_secret(code.as_str().unwrap());
    }
    service.advance(30);
    let otp = service.app_code(&seed);
    let values = [("access_token", access.as_str()), ("otp", otp.as_str())];
    let off = service.event("enroll-aidbox-disable", &values).await;
    assert_eq!(off.status, 200, "{}", off.raw);
}
