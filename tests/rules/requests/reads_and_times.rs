//! What holds for every read and every item, whichever request makes it.

use countersign_local::demo;
use serde_json::Value;

use crate::faults::aws::behind_proxy;
use crate::harness::account::{NEW_PASSWORD, PASSWORD};
use crate::harness::{START, Service};

/// Two years in seconds: longer than anything that the table keeps for a time.
const LONGEST: i64 = 2 * 366 * 86_400;

/// Sign-up, confirmation, logins by mail, by text message and by app, a refresh, wrong
/// guesses, a reset, a sign-out.
async fn a_busy_day(service: &Service) {
    service.registered_and_confirmed().await;
    for channel in ["email", "sms"] {
        let token = service.begin().await;
        let sent = service.challenge(&token, channel).await.text("oob_code");
        let code = service.newest_code();
        let tokens = service.redeem_oob(&token, &sent, &code).await;
        let refresh = tokens.text("refresh_token");
        let refreshed = service.refresh(&refresh).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
        let refresh = refreshed.text("refresh_token");
        let fields = [("client_id", demo::CLIENT), ("token", refresh.as_str())];
        service.post_form("/oauth/revoke", &fields).await;
    }
    let token = service.begin().await;
    service.redeem_otp(&token, "000000").await;
    service.redeem_otp(&token, &service.totp()).await;
    service.password_of(demo::USER, "wrong").await;
    service.password_of("nobody@example.com", "wrong").await;
    service.password_of(demo::PLAIN_USER, PASSWORD).await;
    let id = service.account(demo::USER).await.user.id.dashed();
    let link = service.reset_token(demo::USER).await;
    let reset = service.reset(&id, &link, NEW_PASSWORD).await;
    assert_eq!(reset.status, 204, "{}", reset.raw);
}

#[tokio::test]
async fn every_time_to_live_is_in_seconds_and_ends_within_two_years() {
    let service = Service::start().await;
    a_busy_day(&service).await;
    let mut kinds = std::collections::BTreeSet::new();
    for item in service.items().await {
        let Some(ttl) = item.get("ttl") else { continue };
        let ttl: i64 = ttl.as_n().unwrap().parse().unwrap();
        assert!((START..START + LONGEST).contains(&ttl), "{ttl} {item:?}");
        let sort = item["SK"].as_s().unwrap();
        kinds.insert(sort.split('#').next().unwrap().to_owned());
    }
    for kind in ["ACTION", "BUDGET", "EVENT", "LOGIN", "SESSION"] {
        assert!(kinds.contains(kind), "{kind} is not among {kinds:?}");
    }
}

#[tokio::test]
async fn every_read_of_the_store_is_consistent_and_none_uses_an_index() {
    let (service, proxy) = behind_proxy().await;
    a_busy_day(&service).await;
    let mut reads = 0;
    for call in proxy.take_calls() {
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(body.get("IndexName"), None, "{} {body}", call.operation);
        let consistent = match call.operation.rsplit('.').next().unwrap() {
            "GetItem" | "Query" => &body["ConsistentRead"],
            "BatchGetItem" => {
                let tables = body["RequestItems"].as_object().unwrap();
                &tables.values().next().unwrap()["ConsistentRead"]
            }
            // The harness scans the table. No request does.
            _ => continue,
        };
        reads += 1;
        assert_eq!(consistent, &Value::Bool(true), "{} {body}", call.operation);
    }
    assert!(reads > 20, "{reads}");
}

#[tokio::test]
async fn a_login_goes_on_from_another_network() {
    let service = Service::start().await;
    let token = service.begin().await;
    let from = "203.0.113.77".parse().unwrap();
    let fields = [
        ("grant_type", "http://auth0.com/oauth/grant-type/mfa-otp"),
        ("client_id", demo::CLIENT),
        ("mfa_token", token.as_str()),
        ("otp", &service.totp()),
    ];
    let answer = service.post_form_from(from, "/oauth/token", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}
