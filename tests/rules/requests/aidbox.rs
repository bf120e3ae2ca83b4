//! The cost of Aidbox's calls: requests to DynamoDB, calls of SES, and posts to the
//! webhook.

use countersign_local::demo;
use serde_json::json;

use crate::rules::requests::login::Counted;

const SES: &str = "/v2/email/outbound-emails";

#[tokio::test]
async fn a_login_costs_what_it_does_in_every_dialect() {
    let counted = Counted::start().await;
    let service = &counted.service;
    // The first request reads the client.
    service.aidbox_plain().await;
    let plain = service.aidbox_login(demo::PLAIN_USER, None);
    // The network is known to this name, and to no other name yet.
    assert_eq!(counted.cost(200, plain).await.1, 4);
    let asked = service.aidbox_login(demo::USER, None);
    assert_eq!(counted.cost(400, asked).await.1, 5);
    let code = service.totp();
    let login = service.aidbox_login(demo::USER, Some(&code));
    assert_eq!(counted.cost(200, login).await.1, 8);
    counted.others.take_seen();
}

#[tokio::test]
async fn a_session_is_looked_at_for_two_and_ended_for_two() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let access = service.aidbox_plain().await;
    let look = service.aidbox_userinfo(&access);
    assert_eq!(counted.cost(200, look).await.1, 2);
    let end = service.delete_session(&access);
    assert_eq!(counted.cost(200, end).await.1, 2);
}

#[tokio::test]
async fn an_app_costs_four_to_request_nine_to_confirm_and_six_to_disable() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let access = service.aidbox_plain().await;
    let none = json!({});
    let request = service.two_factor("request", &access, &none);
    assert_eq!(counted.cost(200, request).await.1, 4);
    let seed = service.two_factor_seed(&access).await;
    let body = json!({ "token": service.app_code(&seed) });
    counted.others.take_seen();
    let confirm = service.two_factor("confirm", &access, &body);
    assert_eq!(counted.cost(200, confirm).await.1, 9);
    assert_eq!(counted.others.take_seen(), [SES]);
    service.advance(30);
    let code = service.app_code(&seed);
    let login = service.aidbox_login(demo::PLAIN_USER, Some(&code)).await;
    let access = login.text("access_token");
    service.advance(30);
    let body = json!({ "token": service.app_code(&seed) });
    let disable = service.two_factor("disable", &access, &body);
    assert_eq!(counted.cost(200, disable).await.1, 6);
    assert_eq!(counted.others.take_seen(), [SES]);
}

#[tokio::test]
async fn the_webhook_costs_one_post_and_three_requests_more() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let access = service.aidbox_plain().await;
    let transport = json!({ "transport": "phone" });
    let request = service.two_factor("request", &access, &transport);
    assert_eq!(counted.cost(200, request).await.1, 5);
    let body = json!({ "token": service.newest_code() });
    let confirmed = service.two_factor("confirm", &access, &body).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.raw);
    let before = service.messages().len();
    service.advance(60);
    let asked = service.aidbox_login(demo::PLAIN_USER, None);
    assert_eq!(counted.cost(400, asked).await.1, 7);
    assert_eq!(service.messages().len(), before + 1);
}
