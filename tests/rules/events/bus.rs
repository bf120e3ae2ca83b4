//! The bus: what it gets, and that it holds up no login.

use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::events::schema;
use crate::harness::events::schema::problems;
use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Answer, Service, logged};

const BUS: (&str, &str) = ("COUNTERSIGN_EVENT_BUS", "countersign");

async fn behind(proxy: &Proxy, changes: &[(&str, &str)]) -> Service {
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
async fn the_bus_gets_what_an_operator_did_and_the_act_is_done_if_the_bus_fails() {
    let proxy = Proxy::start().await;
    let service = behind(&proxy, &[BUS]).await;
    let user = service.account(demo::USER).await.user.id.dashed();
    proxy.take_calls();
    let unlock = ["user", "unlock", demo::USER, "--reason", "ticket 4711"];
    service.operated(&unlock).await;
    let calls = proxy.take_calls();
    let mut puts = calls
        .iter()
        .filter(|call| call.operation == "AWSEvents.PutEvents");
    let body: Value = serde_json::from_slice(&puts.next().unwrap().body).unwrap();
    assert!(puts.next().is_none());
    let detail = body["Entries"][0]["Detail"].as_str().unwrap();
    let event: Value = serde_json::from_str(detail).unwrap();
    assert_eq!(problems(&event, schema(), schema()), [""; 0], "{event}");
    assert_eq!(event["type"], "ublkdu");
    assert_eq!(event["subject"], user.as_str());
    assert_eq!(event["data"]["by"], "olga");
    assert_eq!(event["data"]["why"], "ticket 4711");
    let kept = service.operated(&["user", "events", demo::USER]).await;
    assert_eq!(kept[0]["log_id"], event["id"]);
    service.advance(1);
    proxy.always("PutEvents", Fault::ServerError);
    service.operated(&["user", "enable", demo::USER]).await;
    proxy.heal();
    let kept = service.operated(&["user", "events", demo::USER]).await;
    assert_eq!(kept[0]["act"], "user enable");
}

#[tokio::test]
async fn an_act_that_the_bus_did_not_take_is_told_by_an_exit_code_and_by_its_event() {
    let proxy = Proxy::start().await;
    let service = behind(&proxy, &[BUS]).await;
    proxy.always("PutEvents", Fault::ServerError);
    let add = ["client", "add", "shop", "--for", "mobile"];
    let lost = service.operate(&add).await.unwrap();
    assert_eq!(lost.exit_code, 7);
    assert_eq!(lost.json["id"], "shop", "the command prints its result");
    assert_eq!(lost.unannounced.len(), 1);
    let event = &lost.unannounced[0];
    assert_eq!(problems(event, schema(), schema()), [""; 0], "{event}");
    assert_eq!(event["data"]["act"], "client add");
    assert_eq!(event["data"]["client_id"], "shop");
    // A command that fails later tells of what it has done before.
    service.begin().await;
    let made = "GenerateDataKeyWithoutPlaintext";
    for fault in [Fault::Pass, Fault::ServerError, Fault::ServerError] {
        proxy.queue(made, fault);
    }
    let rotate = ["keys", "rotate", "tokens", "seeds"];
    let problem = service.operate(&rotate).await.err().unwrap();
    assert_eq!(problem.exit_code(), 1, "{problem}");
    let told = problem.unannounced();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["data"]["key_id"], "tokens-2");
    proxy.heal();
    let well = service.operate(&["client", "remove", "shop"]).await;
    let well = well.unwrap();
    assert_eq!((well.exit_code, well.unannounced.len()), (0, 0));
    // The table has them all.
    let acts = service.operated(&["acts", "list"]).await;
    assert_eq!(acts.as_array().unwrap().len(), 3, "{acts:#}");
}

#[tokio::test]
async fn a_key_that_an_operator_makes_or_retires_is_told_with_its_identifier() {
    let proxy = Proxy::start().await;
    let service = behind(&proxy, &[BUS]).await;
    service.begin().await;
    proxy.take_calls();
    let made = service.operated(&["keys", "rotate", "seeds", "pair"]).await;
    // The pair is over when all tokens of the pair have expired.
    service.advance(33 * 86_400);
    let retired = service.operated(&["keys", "retire"]).await;
    let deleted = retired.as_array().unwrap().iter();
    let deleted: Vec<&Value> = deleted
        .filter(|key| key["deleted"] == json!(true))
        .collect();
    assert!(!deleted.is_empty(), "{retired:#}");
    let calls = proxy.take_calls();
    let puts = calls
        .iter()
        .filter(|call| call.operation == "AWSEvents.PutEvents");
    let told: Vec<[String; 2]> = puts
        .map(|call| {
            let body: Value = serde_json::from_slice(&call.body).unwrap();
            let detail = body["Entries"][0]["Detail"].as_str().unwrap();
            let event: Value = serde_json::from_str(detail).unwrap();
            assert_eq!(problems(&event, schema(), schema()), [""; 0], "{event}");
            ["event", "key_id"].map(|name| event["data"][name].as_str().unwrap().to_owned())
        })
        .collect();
    let named = |kind: &str, key: &Value| {
        let id = key["kid"].as_str().or(key["key"].as_str()).unwrap();
        [kind.to_owned(), id.to_owned()]
    };
    let made = made.as_array().unwrap().iter();
    let mut wanted: Vec<[String; 2]> = made.map(|key| named("key.made", key)).collect();
    wanted.extend(deleted.iter().map(|key| named("key.retired", key)));
    assert_eq!(told, wanted);
}

#[tokio::test]
async fn the_bus_gets_the_key_that_was_made_before_a_later_kind_failed() {
    let proxy = Proxy::start().await;
    let service = behind(&proxy, &[BUS]).await;
    service.begin().await;
    proxy.take_calls();
    let made = "GenerateDataKeyWithoutPlaintext";
    for fault in [Fault::Pass, Fault::ServerError, Fault::ServerError] {
        proxy.queue(made, fault);
    }
    let rotate = ["keys", "rotate", "tokens", "seeds"];
    let (code, line) = service.not_operated(&rotate).await;
    assert_eq!(code, 1, "{line}");
    let calls = proxy.take_calls();
    let puts = calls
        .iter()
        .filter(|call| call.operation == "AWSEvents.PutEvents");
    let acts: Vec<String> = puts
        .map(|call| {
            let body: Value = serde_json::from_slice(&call.body).unwrap();
            let detail = body["Entries"][0]["Detail"].as_str().unwrap();
            let event: Value = serde_json::from_str(detail).unwrap();
            event["data"]["act"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(acts, ["keys rotate"]);
}

#[tokio::test]
async fn keys_that_are_made_and_retired_are_told_with_their_identifier() {
    let service = Service::start().await;
    let later = service.now() + 91 * 86_400;
    let rotated = countersign::usecase::keys::maintain_keys::rotate(&service.app, later);
    let (rotated, lines) = logged(rotated).await;
    let rotated = rotated.unwrap();
    let events = crate::harness::events::events_of(&lines);
    assert_eq!(events.len(), rotated.published.len(), "{lines:?}");
    assert_eq!(events[0]["type"], "key_made");
    assert_eq!(events[0]["key_id"], rotated.published[0].as_str());
    assert_eq!(crate::harness::events::problems_of(&events[0]), [""; 0]);
}
