//! What an operator reads of the events of a user.

use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::events::events_of;
use crate::harness::{Service, logged};
use crate::operate::import::Files;

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

#[tokio::test]
async fn a_changed_address_is_sce_a_changed_number_is_scpn_and_an_import_is_sui() {
    let service = Service::start().await;
    let user = demo::USER;
    let email = ["--email", "new@example.com"];
    let (phone, other_phone) = (["--phone", "+15555550142"], ["--phone", "+15555550143"]);
    let both = ["--email", user];
    for (values, code) in [
        (vec!["--given-name", "Anne"], json!(["sapi", null])),
        (phone.to_vec(), json!(["scpn", null])),
        (vec!["--phone", ""], json!(["sapi", null])),
        (email.to_vec(), json!(["sce", null])),
        ([both, other_phone].concat(), json!(["sce", ["scpn"]])),
        (both.to_vec(), json!(["sapi", null])),
    ] {
        let id = service.operated(&["user", "find", "example.com"]).await;
        let known = [user, "new@example.com"];
        let mut users = id.as_array().unwrap().iter();
        let found = users.find(|one| known.contains(&one["email"].as_str().unwrap_or_default()));
        let id = found.unwrap()["id"].as_str().unwrap().to_owned();
        let command = [&["user", "update", &id][..], &values].concat();
        let (_, lines) = logged(service.operated(&command)).await;
        let told = events_of(&lines);
        let told: Vec<Value> = told
            .iter()
            .map(|one| json!([one["type"], one["also"]]))
            .collect();
        assert_eq!(told, [code], "{command:?}");
    }
    let files = Files::new();
    let row = json!({"user_id": "auth0|1", "email": "carol@example.com"});
    let (file, rejects) = (files.lines(&[row]), files.path("rejects.ndjson"));
    let import = ["import", &file, "--format", "auth0", "--rejects", &rejects];
    service.operated(&import).await;
    let acts = service.operated(&["acts", "list"]).await;
    let mut acts = acts.as_array().unwrap().iter();
    let act = acts.find(|act| act["act"] == "import").unwrap();
    assert_eq!(
        (&act["type"], &act["event"]),
        (&json!("sui"), &json!("users.imported"))
    );
}
