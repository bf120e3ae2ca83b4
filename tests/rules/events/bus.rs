//! The bus: what it gets, and that it holds up no login.

use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::events::schema;
use crate::harness::events::schema::problems;
use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Answer, Service, logged};

pub const BUS: (&str, &str) = ("COUNTERSIGN_EVENT_BUS", "countersign");

pub async fn behind(proxy: &Proxy, changes: &[(&str, &str)]) -> Service {
    let before = proxy.clone();
    Service::start_through(changes, |dynamodb, others| {
        (dynamodb, before.before(others))
    })
    .await
}

async fn wrong_password(service: &Service) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::USER),
        ("password", "a wrong password"),
    ];
    service.post_form("/oauth/token", &fields).await
}

#[tokio::test]
async fn the_bus_gets_each_event_once_as_a_cloud_event_that_fits_the_schema() {
    let proxy = Proxy::start().await;
    let service = behind(&proxy, &[BUS]).await;
    let user = service.account(demo::USER).await.user.id.dashed();
    wrong_password(&service).await;
    proxy.take_calls();
    let answer = wrong_password(&service).await;
    let calls = proxy.take_calls();
    let puts: Vec<_> = calls
        .iter()
        .filter(|call| call.operation == "AWSEvents.PutEvents")
        .collect();
    assert_eq!(puts.len(), 1);
    let body: Value = serde_json::from_slice(&puts[0].body).unwrap();
    let entries = body["Entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["EventBusName"], "countersign");
    assert_eq!(entries[0]["Source"], "countersign");
    assert_eq!(entries[0]["DetailType"], "Countersign event");
    let detail = entries[0]["Detail"].as_str().unwrap();
    assert!(detail.len() < 2048, "{detail}");
    assert!(!detail.contains(demo::USER) && !detail.contains("a wrong password"));
    let event: Value = serde_json::from_str(detail).unwrap();
    assert_eq!(problems(&event, schema(), schema()), [""; 0], "{event}");
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["source"], "https://localhost:8788/");
    assert_eq!(event["type"], "fp");
    assert_eq!(event["subject"], user.as_str());
    assert_eq!(event["data"]["type"], "fp");
    let id = answer.header("x-request-id");
    assert_eq!(event["data"]["request_id"].as_str(), id);
}

#[tokio::test]
async fn without_a_bus_nothing_is_delivered() {
    let proxy = Proxy::start().await;
    let service = behind(&proxy, &[]).await;
    wrong_password(&service).await;
    proxy.take_calls();
    wrong_password(&service).await;
    assert!(proxy.take_calls().is_empty());
}

#[tokio::test]
async fn a_bus_that_fails_fails_no_login_and_the_log_says_what_was_not_delivered() {
    let proxy = Proxy::start().await;
    let service = behind(&proxy, &[BUS]).await;
    let token = service.begin().await;
    proxy.always("PutEvents", Fault::ServerError);
    let (answer, lines) = logged(service.redeem_otp(&token, &service.totp())).await;
    proxy.heal();
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let lost: Vec<&Value> = lines
        .iter()
        .filter(|line| line["undelivered_events"] == json!(1))
        .collect();
    assert_eq!(lost.len(), 1, "{lines:?}");
    let event = lines.iter().find(|line| line["message"] == "event");
    assert_eq!(event.unwrap()["log_id"], lost[0]["log_id"]);
}

#[tokio::test]
async fn a_bus_that_never_answers_holds_a_login_up_for_half_a_second_and_fails_it_not() {
    let proxy = Proxy::start().await;
    let service = behind(&proxy, &[BUS]).await;
    let token = service.begin().await;
    proxy.always("PutEvents", Fault::Hang);
    let (answer, lines) = logged(service.redeem_otp(&token, &service.totp())).await;
    proxy.heal();
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let lost = lines
        .iter()
        .filter(|line| line["undelivered_events"] == json!(1));
    assert_eq!(lost.count(), 1, "{lines:?}");
}

#[tokio::test]
async fn keys_that_are_made_and_retired_are_told_with_their_identifier() {
    let service = Service::start().await;
    let later = service.now() + 91 * 86_400;
    let rotated = countersign::usecase::keys::maintain_keys::rotate_due_keys(&service.app, later);
    let (rotated, lines) = logged(rotated).await;
    let rotated = rotated.unwrap();
    let events = crate::harness::events::events_of(&lines);
    assert_eq!(events.len(), rotated.published.len(), "{lines:?}");
    assert_eq!(events[0]["type"], "key_made");
    assert_eq!(events[0]["key_id"], rotated.published[0].as_str());
    assert_eq!(crate::harness::events::problems_of(&events[0]), [""; 0]);
}
