//! What an operator reads of the events of a user.

use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::Service;

fn types(events: &Value) -> Vec<&str> {
    let events = events.as_array().unwrap().iter();
    events
        .map(|event| event["type"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn user_events_lists_logins_and_acts_with_their_reason_the_newest_first_page_by_page() {
    let service = Service::start().await;
    let token = service.begin().await;
    service.advance(1);
    service.redeem_otp(&token, &service.totp()).await;
    service.advance(1);
    let unlock = ["user", "unlock", demo::USER, "--reason", "ticket 4711"];
    service.operated(&unlock).await;
    let all = service.operated(&["user", "events", demo::USER]).await;
    assert_eq!(types(&all), ["ublkdu", "s", "mfar"]);
    assert_eq!(all[0]["act"], "user unlock");
    assert_eq!(all[0]["by"], "olga");
    assert_eq!(all[0]["why"], "ticket 4711");
    assert_eq!(all[1]["also"], json!(["session_begun", "gd_auth_succeed"]));
    let first = ["user", "events", demo::USER, "--limit", "1"];
    let first = service.operated(&first).await;
    assert_eq!(types(&first), ["ublkdu"]);
    let last = first[0]["log_id"].as_str().unwrap();
    let rest = ["user", "events", demo::USER, "--before", last];
    let rest = service.operate(&rest).await.unwrap();
    assert_eq!(types(&rest.json), ["s", "mfar"]);
    let lines: Vec<&str> = rest.text.lines().collect();
    assert_eq!(lines.len(), 3, "{}", rest.text);
    assert!(lines[0].starts_with("date"), "{}", rest.text);
    assert!(lines[1].contains("login.accepted"), "{}", rest.text);
    let none = ["user", "events", demo::USER, "--before", "no-such-event"];
    let (code, line) = service.not_operated(&none).await;
    assert_eq!(code, 3);
    assert_eq!(line, "user@example.com has no event no-such-event");
    let (code, _) = service
        .not_operated(&["user", "events", "nobody@example.com"])
        .await;
    assert_eq!(code, 3);
}

#[tokio::test]
async fn of_a_deleted_user_the_acts_are_left_and_no_other_event() {
    let service = Service::start().await;
    let id = service.account(demo::USER).await.user.id;
    service.begin().await;
    let enable = ["user", "enable", demo::USER];
    service.operated(&enable).await;
    let deleted = service
        .operated(&["user", "delete", demo::USER, "--yes"])
        .await;
    assert_eq!(deleted["deleted"]["events"], json!(1));
    let left = service.operated(&["user", "events", &id.dashed()]).await;
    let mut types = types(&left);
    types.sort_unstable();
    assert_eq!(types, ["sapi", "sdu"]);
}
