//! The command `sends`.

use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::Service;
use crate::harness::account::EMAIL;
use crate::rules::messages::ceilings::text;
use crate::rules::messages::delivery_events::bounce;
use crate::rules::messages::resets::{forgot_from, network};

/// How much of this budget of the destination is used.
fn used(shown: &Value, budget: &str) -> Value {
    let mut rows = shown.as_array().unwrap().iter();
    rows.find(|row| row["budget"] == budget).unwrap()["used"].clone()
}

#[tokio::test]
async fn what_a_destination_has_used_is_shown_and_made_whole_again() {
    let service = Service::start().await;
    for _ in 0..3 {
        let token = service.begin().await;
        assert_eq!(service.challenge(&token, "sms").await.status, 200);
        service.advance(31);
    }
    let show = ["sends", "show", demo::PHONE];
    assert_eq!(used(&service.operated(&show).await, "confirmed"), json!(3));
    service.operated(&["sends", "open", demo::PHONE]).await;
    assert_eq!(used(&service.operated(&show).await, "confirmed"), json!(0));
    let token = service.begin().await;
    assert_eq!(service.challenge(&token, "sms").await.status, 200);
    assert_eq!(used(&service.operated(&show).await, "confirmed"), json!(1));
}

#[tokio::test]
async fn a_destination_that_is_used_up_gets_codes_again_once_it_is_opened() {
    let service = Service::start().await;
    let mut last = 0;
    for _ in 0..12 {
        let token = service.begin().await;
        last = service.challenge(&token, "sms").await.status;
        service.advance(31);
    }
    assert_eq!(last, 429);
    let open = ["sends", "open", "+1 (555) 555-0100"];
    service.operated(&open).await;
    let token = service.begin().await;
    // The account has another budget over all its numbers.
    assert_eq!(service.challenge(&token, "sms").await.status, 429);
    let both = [&open[..], &["--user", demo::USER]].concat();
    service.operated(&both).await;
    let after = service.challenge(&token, "sms").await;
    assert_eq!(after.status, 200, "{}", after.raw);
}

/// How many of these networks get a reset to this address, one after another.
async fn resets(service: &Service, networks: std::ops::RangeInclusive<u8>) -> usize {
    let mut sent = 0;
    for at in networks {
        sent += forgot_from(service, network(at), EMAIL).await;
        service.advance(31);
    }
    sent
}

#[tokio::test]
async fn an_opened_destination_has_all_its_first_asks_again() {
    let service = Service::start().await;
    service.registered_and_confirmed().await;
    let show = ["sends", "show", EMAIL];
    let before = service.operated(&show).await;
    // Twenty first asks, then the budget of five.
    assert_eq!(resets(&service, 1..=30).await, 25);
    let first_asks = |shown: &Value, budget: &str| {
        let mut rows = shown.as_array().unwrap().iter();
        rows.find(|row| row["budget"] == budget).unwrap()["first_asks"].clone()
    };
    let shown = service.operated(&show).await;
    assert_eq!(first_asks(&shown, "reset"), 20);
    assert_eq!(first_asks(&shown, "lockout"), json!(null));
    service.operated(&["sends", "open", EMAIL]).await;
    let shown = service.operated(&show).await;
    assert_eq!(first_asks(&shown, "reset"), 0);
    assert_eq!(used(&shown, "reset"), used(&before, "reset"));
    assert_eq!(resets(&service, 31..=60).await, 25);
}

#[tokio::test]
async fn an_opened_destination_that_nobody_has_confirmed_has_its_first_asks_again() {
    let service = Service::start().await;
    // Nobody has the address. Resets count there, and send nothing.
    assert_eq!(resets(&service, 1..=3).await, 0);
    let show = ["sends", "show", EMAIL];
    let unconfirmed = |shown: &Value| shown[1].clone();
    let row = unconfirmed(&service.operated(&show).await);
    assert_eq!(
        (&row["budget"], &row["first_asks"]),
        (&json!("unconfirmed"), &json!(3))
    );
    service.operated(&["sends", "open", EMAIL]).await;
    let row = unconfirmed(&service.operated(&show).await);
    assert_eq!(row["first_asks"], 0);
}

#[tokio::test]
async fn what_an_account_has_used_over_all_its_destinations_is_shown_by_channel() {
    let service = Service::start().await;
    for channel in ["sms", "sms", "email"] {
        let token = service.begin().await;
        assert_eq!(service.challenge(&token, channel).await.status, 200);
        service.advance(31);
    }
    let show = ["sends", "show", "--user", demo::USER];
    let shown = service.operated(&show).await;
    let rows = shown.as_array().unwrap().iter();
    let rows: Vec<_> = rows
        .map(|row| (row["for"].as_str().unwrap(), row["used"].as_i64().unwrap()))
        .collect();
    let wanted = [
        ("email", 1),
        ("sms", 2),
        ("webhook", 0),
        ("unconfirmed", 0),
        ("unowned mailbox", 0),
    ];
    assert_eq!(rows, wanted);
    let (code, _) = service
        .not_operated(&["sends", "show", "--user", "no"])
        .await;
    assert_eq!(code, 3);
}

#[tokio::test]
async fn what_a_country_has_used_today_is_shown_for_each_of_its_prefixes() {
    let service = Service::start_with(&[("COUNTERSIGN_SMS_COUNTRIES", "+1,+1876")]).await;
    assert_eq!(text(&service, "+18765550142").await.status, 200);
    let shown = service
        .operated(&["sends", "show", "--country", "jm"])
        .await;
    let rows = shown.as_array().unwrap().iter();
    let rows: Vec<_> = rows
        .map(|row| (row["for"].as_str().unwrap(), row["used"].clone()))
        .collect();
    let wanted = [("+1658", json!(0)), ("+1876", json!(1)), ("all", json!(1))];
    assert_eq!(rows, wanted);
    let by_code = ["sends", "show", "--country", "+1876"];
    let by_code = service.operated(&by_code).await;
    assert_eq!(by_code[0], shown[1]);
    let unknown = ["sends", "show", "--country", "Jamaica"];
    let (code, line) = service.not_operated(&unknown).await;
    assert_eq!(code, 4);
    assert!(
        line.contains("neither the two letters of a country"),
        "{line}"
    );
    let (code, _) = service.not_operated(&["sends", "show"]).await;
    assert_eq!(code, 2);
}

#[tokio::test]
async fn what_is_no_destination_is_refused() {
    let service = Service::start().await;
    let (code, line) = service.not_operated(&["sends", "show", "ann"]).await;
    assert_eq!(code, 4);
    assert!(
        line.contains("neither an e-mail address nor a phone number"),
        "{line}"
    );
}

#[tokio::test]
async fn an_operator_sees_that_messages_came_back_and_opening_the_destination_forgets_it() {
    let service = Service::start().await;
    service
        .reports(&bounce("Permanent", demo::USER, service.now()))
        .await;
    let show = ["sends", "show", demo::USER];
    let shown = service.operate(&show).await.unwrap();
    let user = service.account(demo::USER).await.user.id.dashed();
    let came_back = |shown: &Value| {
        let rows = shown.as_array().unwrap().iter();
        rows.filter(|row| row.get("came_back").is_some())
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        came_back(&shown.json),
        [json!({ "came_back": "bounced", "last_at": "2027-01-15T08:00:00Z", "user": user })]
    );
    assert!(shown.text.contains("bounced"), "{}", shown.text);
    service.operated(&["sends", "open", demo::USER]).await;
    assert_eq!(came_back(&service.operated(&show).await), [Value::Null; 0]);
    // The same report once more does not mark the address again.
    let late = bounce("Permanent", demo::USER, service.now());
    assert_eq!(service.reports(&late).await, 0);
}
