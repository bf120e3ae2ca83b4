//! Lockouts in Aidbox's dialect: wrong codes at a login and at disabling two-factor.

use countersign_local::demo;
use serde_json::json;

use crate::harness::Service;

#[tokio::test]
async fn wrong_codes_are_counted_and_a_right_one_is_then_not_compared() {
    let service = Service::start().await;
    for _ in 0..10 {
        let wrong = service.aidbox_login(demo::USER, Some("000000")).await;
        assert_eq!(wrong.status, 400, "{}", wrong.raw);
    }
    let code = service.totp();
    let closed = service.aidbox_login(demo::USER, Some(&code)).await;
    assert_eq!(closed.status, 429, "{}", closed.raw);
    assert_eq!(closed.body["error"], "too_many_attempts");
    assert_eq!(closed.number_header("retry-after"), 360);
}

#[tokio::test]
async fn guesses_at_disabling_draw_on_the_users_budget() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let (seed, _) = service.two_factor_on(&access).await;
    for _ in 0..10 {
        let body = json!({ "token": "000000" });
        let wrong = service.two_factor("disable", &access, &body).await;
        assert_eq!(wrong.status, 422, "{}", wrong.raw);
    }
    service.advance(30);
    let body = json!({ "token": service.app_code(&seed) });
    let closed = service.two_factor("disable", &access, &body).await;
    assert_eq!(closed.status, 429, "{}", closed.raw);
    let login = service
        .aidbox_login(demo::PLAIN_USER, Some(&service.app_code(&seed)))
        .await;
    assert_eq!(login.status, 429, "{}", login.raw);
}
