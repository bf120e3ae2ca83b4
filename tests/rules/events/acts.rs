//! Acts of operators: the bus gets the event of an act before the act, and without the bus
//! there is no act.

use std::collections::BTreeSet;

use countersign::domain::events::operator_command::OperatorCommand;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::dialects::auth0::sessions::trusted_devices::{ON, Phone};
use crate::harness::events::schema::problems;
use crate::harness::events::{events_of, problems_of, schema};
use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Service, logged};
use crate::operate::import::Files;
use crate::rules::events::bus::{BUS, behind};

/// The events that the bus got.
pub fn delivered(proxy: &Proxy) -> Vec<Value> {
    let calls = proxy.take_calls();
    let puts = calls
        .iter()
        .filter(|call| call.operation == "AWSEvents.PutEvents");
    puts.map(|call| {
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        let detail = body["Entries"][0]["Detail"].as_str().unwrap();
        let event: Value = serde_json::from_str(detail).unwrap();
        assert_eq!(problems(&event, schema(), schema()), [""; 0], "{event}");
        event
    })
    .collect()
}

/// A command for each act that there is, in an order in which each has something to do.
fn every_act(files: &Files, (session, factor): (&str, &str), device: &str) -> Vec<Vec<String>> {
    let row = json!({"user_id": "auth0|1", "email": "moved@example.com", "email_verified": true});
    let (users, rejects) = (files.lines(&[row]), files.path("rejects.ndjson"));
    let whole = files.path("whole.ndjson");
    let commands: [&[&str]; 27] = [
        &["client", "add", "shop", "--for", "server"],
        &["client", "update", "shop", "--scope", "read:a"],
        &["client", "rotate-secret", "shop"],
        &["client", "remove", "shop"],
        &[
            "user",
            "add",
            "--email",
            "ann@example.com",
            "--phone",
            "+15555550142",
        ],
        &["user", "disable", "ann@example.com"],
        &["user", "enable", "ann@example.com"],
        &["user", "require-password-change", "ann@example.com"],
        &["user", "sign-out", "ann@example.com"],
        &["user", "set-roles", "ann@example.com", "admin"],
        &["user", "confirm-email", "ann@example.com"],
        &["user", "confirm-phone", "ann@example.com"],
        &["user", "update", "ann@example.com", "--given-name", "Ann"],
        &["user", "export", "ann@example.com"],
        &["user", "delete", "ann@example.com", "--yes"],
        &["session", "end", demo::USER, session],
        &["user", "unlock", demo::USER, "--reason", "called"],
        &["user", "remove-device", demo::USER, device],
        &[
            "user",
            "remove-factor",
            demo::USER,
            factor,
            "--reason",
            "called",
        ],
        &["user", "reset-factors", demo::USER, "--reason", "called"],
        &["sends", "open", demo::PHONE],
        &["import", &users, "--format", "auth0", "--rejects", &rejects],
        &["export", &whole, "--plain"],
        &["keys", "rotate", "pair"],
        // The first data key of seeds is old, and nothing needs the key.
        &["keys", "retire"],
        &["keys", "rotate", "signing"],
        &["keys", "replace", "tokens", "--reason", "restored", "--yes"],
    ];
    let owned = |command: &&[&str]| command.iter().map(|word| (*word).to_owned()).collect();
    commands.iter().map(owned).collect()
}

#[tokio::test]
async fn an_operator_changes_nothing_if_the_bus_does_not_take_the_event_of_the_act() {
    let proxy = Proxy::start().await;
    let service = behind(&proxy, &[BUS, ON[0]]).await;
    let token = service.begin().await;
    service.redeem_otp(&token, &service.totp()).await;
    // Without a session, which would need a key that a command below retires.
    let phone = Phone {
        scope: "openid",
        ..Phone::new()
    };
    phone.remember(&service).await;
    let device = phone.holder.thumbprint();
    let user = service.account(demo::USER).await.user.id;
    service.operated(&["keys", "rotate", "tokens"]).await;
    service.advance(3 * 86_400);
    let sessions = service.app.store.list_sessions(user).await.unwrap();
    let session = sessions.first().unwrap().id.dashed();
    let files = Files::new();
    let mut acts = BTreeSet::new();
    let factor = service.account(demo::USER).await.factors[0].id.dashed();
    for command in every_act(&files, (&session, &factor), &device) {
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let (items, messages) = (service.items().await, service.messages().len());
        proxy.always("PutEvents", Fault::ServerError);
        let (code, line) = service.not_operated(&command).await;
        proxy.heal();
        assert_eq!(code, 1, "{command:?}: {line}");
        assert!(line.contains("the bus does not take the event"), "{line}");
        assert_eq!(service.items().await, items, "{command:?}");
        assert_eq!(service.messages().len(), messages, "{command:?}");
        let written = std::path::Path::new(&files.path("whole.ndjson")).exists();
        assert!(command[0] != "export" || !written);
        // With the bus the same command is done, and the bus and the table have the act.
        proxy.take_calls();
        service.operated(&command).await;
        let told = delivered(&proxy);
        assert!(!told.is_empty(), "{command:?}");
        let kept = service.operated(&["acts", "list"]).await;
        let kept = kept.as_array().unwrap();
        for event in told {
            assert!(kept.iter().any(|act| act["log_id"] == event["id"]));
            acts.insert(event["data"]["act"].as_str().unwrap().to_owned());
        }
        service.advance(1);
    }
    let all = OperatorCommand::ALL.iter().map(|act| act.name().to_owned());
    assert_eq!(acts, all.collect::<BTreeSet<String>>());
}

#[tokio::test]
async fn an_act_has_its_reason_its_operator_and_the_same_identifier_on_the_bus_and_in_the_table() {
    let proxy = Proxy::start().await;
    let service = behind(&proxy, &[BUS]).await;
    let user = service.account(demo::USER).await.user.id.dashed();
    proxy.take_calls();
    let unlock = ["user", "unlock", demo::USER, "--reason", "ticket 4711"];
    service.operated(&unlock).await;
    let told = delivered(&proxy);
    assert_eq!(told.len(), 1);
    let event = &told[0];
    assert_eq!(event["type"], "ublkdu");
    assert_eq!(event["subject"], user.as_str());
    assert_eq!(event["data"]["by"], "olga");
    assert_eq!(event["data"]["why"], "ticket 4711");
    let kept = service.operated(&["user", "events", demo::USER]).await;
    assert_eq!(kept[0]["log_id"], event["id"]);
}

#[tokio::test]
async fn an_act_that_the_bus_has_and_the_table_refuses_is_followed_by_act_failed() {
    let (table, bus) = (Proxy::start().await, Proxy::start().await);
    let before = (table.clone(), bus.clone());
    let service = Service::start_through(&[BUS], |dynamodb, others| {
        (before.0.before(dynamodb), before.1.before(others))
    })
    .await;
    bus.take_calls();
    table.always("TransactWriteItems", Fault::ServerError);
    let add = ["client", "add", "shop", "--for", "mobile"];
    let ((code, _), lines) = logged(service.not_operated(&add)).await;
    table.heal();
    assert_eq!(code, 1);
    let told = delivered(&bus);
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0]["data"]["event"], "operator.acted");
    assert_eq!(told[1]["type"], "act_failed");
    assert_eq!(told[1]["data"]["act"], "client add");
    assert_eq!(told[1]["data"]["client_id"], "shop");
    assert_eq!(told[1]["data"]["act_id"], told[0]["id"]);
    assert_ne!(told[1]["id"], told[0]["id"]);
    let logged = events_of(&lines);
    let of_log: Vec<&Value> = logged.iter().map(|event| &event["log_id"]).collect();
    assert_eq!(of_log, [&told[0]["id"], &told[1]["id"]]);
    let acts = service.operated(&["acts", "list"]).await;
    assert_eq!(acts, json!([]));
}

#[tokio::test]
async fn an_act_whose_event_the_bus_took_without_an_answer_is_followed_by_act_failed() {
    let proxy = Proxy::start().await;
    let service = behind(&proxy, &[BUS]).await;
    proxy.take_calls();
    proxy.always("PutEvents", Fault::LoseAnswer);
    let add = ["client", "add", "shop", "--for", "mobile"];
    let (code, line) = service.not_operated(&add).await;
    proxy.heal();
    assert_eq!(code, 1, "{line}");
    let told = delivered(&proxy);
    let failed = told.iter().find(|event| event["type"] == "act_failed");
    let failed = failed.unwrap_or_else(|| panic!("{told:?}"));
    assert_eq!(failed["data"]["act_id"], told[0]["id"]);
    assert_eq!(service.operated(&["acts", "list"]).await, json!([]));
}

#[tokio::test]
async fn a_command_that_is_refused_before_the_act_leaves_no_event() {
    let proxy = Proxy::start().await;
    let service = behind(&proxy, &[BUS]).await;
    service
        .operated(&["client", "add", "shop", "--for", "mobile"])
        .await;
    let no_mail = json!({"UserName": "locked"});
    let files = Files::new();
    let (table, rejects) = (files.lines(&[no_mail]), files.path("rejects.ndjson"));
    service
        .operated(&["import", &table, "--format", "abp", "--rejects", &rejects])
        .await;
    proxy.take_calls();
    for command in [
        &["client", "add", "shop", "--for", "mobile"][..],
        &["client", "remove", "none"],
        &["client", "update", "none", "--scope", "a"],
        &["client", "rotate-secret", "shop"],
        &["user", "add", "--email", demo::USER],
        &["user", "disable", "nobody@example.com"],
        &["user", "confirm-email", "locked"],
        &["user", "confirm-phone", "locked"],
        &["user", "delete", "nobody@example.com", "--yes"],
        &["sends", "open", "no destination"],
    ] {
        let (code, line) = service.not_operated(command).await;
        assert!([3, 4].contains(&code), "{command:?}: {line}");
    }
    assert_eq!(delivered(&proxy), [] as [Value; 0]);
}

#[tokio::test]
async fn the_log_has_the_event_of_an_act_as_one_line_with_the_members_of_the_bus() {
    let service = Service::start().await;
    let unlock = ["user", "unlock", demo::USER, "--reason", "ticket 4711"];
    let (_, lines) = logged(service.operated(&unlock)).await;
    let events = events_of(&lines);
    assert_eq!(events.len(), 1, "{lines:?}");
    let event = &events[0];
    assert_eq!(problems_of(event), [""; 0], "{event}");
    assert_eq!(event["act"], "user unlock");
    assert_eq!(event["by"], "olga");
    assert_eq!(event["why"], "ticket 4711");
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
    let told = delivered(&proxy);
    let told = told.iter().map(|event| {
        ["event", "key_id"].map(|name| event["data"][name].as_str().unwrap().to_owned())
    });
    let named = |kind: &str, key: &Value| {
        let id = key["kid"].as_str().or(key["key"].as_str()).unwrap();
        [kind.to_owned(), id.to_owned()]
    };
    let made = made.as_array().unwrap().iter();
    let mut wanted: Vec<[String; 2]> = made.map(|key| named("key.made", key)).collect();
    wanted.extend(deleted.iter().map(|key| named("key.retired", key)));
    assert_eq!(told.collect::<Vec<_>>(), wanted);
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
    let told = delivered(&proxy);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["data"]["act"], "keys rotate");
    assert_eq!(told[0]["data"]["key_id"], "tokens-2");
}
