//! Each metric of the table is emitted by real requests and tasks.

use std::collections::BTreeSet;

use countersign::domain::events::kind::EventKind;
use countersign::domain::messages::payers::Row;
use countersign::domain::metrics::label::Dimension;
use countersign::domain::metrics::metric::Metric;
use countersign::keyring::{KeyKind, Purpose};
use countersign::routes::Function;
use countersign::wire::task::carry_out_rotation;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::events::metrics::problems_of_document;
use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Service, measured};
use crate::rules::messages::delivery_events::bounce;

/// Requests and tasks of every kind.
async fn story(service: &Service, dynamodb: &Proxy, others: &Proxy) {
    service.password_of(demo::USER, "wrong").await;
    let token = service.begin().await;
    service.challenge(&token, "email").await;
    service.challenge(&token, "email").await;
    others.queue("PutEvents", Fault::ServerError);
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    let first = tokens.text("refresh_token");
    let second = service.refresh(&first).await.text("refresh_token");
    service.advance(61);
    dynamodb.queue("BatchGetItem", Fault::Throttle);
    service.refresh(&second).await;
    service.advance(61);
    service.refresh(&first).await;
    service.add_user("new@example.com", |_| {}).await;
    let token = service.begin_shown("new@example.com").await;
    let body = json!({
        "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "+15555553000",
    });
    assert_eq!(service.associate(&token, &body).await.status, 200);
    let token = service.begin().await;
    others.always("/", Fault::ServerError);
    assert_eq!(service.challenge(&token, "sms").await.status, 503);
    others.heal();
    let report = bounce("Permanent", demo::USER, service.now());
    assert_eq!(service.reports(&report).await, 1);
    carry_out_rotation(&service.app).await.unwrap();
}

#[tokio::test]
async fn every_metric_of_the_table_is_emitted_by_real_requests_with_labels_of_its_closed_sets() {
    let (dynamodb, others) = (Proxy::start().await, Proxy::start().await);
    let (before_dynamodb, before_others) = (dynamodb.clone(), others.clone());
    let settings = [("COUNTERSIGN_EVENT_BUS", "countersign")];
    let service = Service::start_through(&settings, |dynamodb, others| {
        (
            before_dynamodb.before(dynamodb),
            before_others.before(others),
        )
    });
    let service = service.await;
    let ((), documents) = measured(story(&service, &dynamodb, &others)).await;
    let mut emitted = BTreeSet::new();
    for document in &documents {
        assert_eq!(problems_of_document(document), [""; 0], "{document}");
        let names = document.as_object().unwrap().keys().map(String::as_str);
        emitted.extend(names.filter(|name| name.chars().next().is_some_and(char::is_uppercase)));
    }
    let table = Metric::ALL.iter().map(|metric| metric.name());
    let dimensions = Dimension::ALL.map(Dimension::name);
    let table: BTreeSet<&str> = table.chain(dimensions).collect();
    assert_eq!(emitted, table);
}

#[test]
fn a_document_that_breaks_the_format_or_leaves_the_table_is_found() {
    let good = json!({
        "_aws": { "Timestamp": 1_800_000_000_000_i64, "CloudWatchMetrics": [{
            "Namespace": "Countersign/local",
            "Dimensions": [["Refusal"], []],
            "Metrics": [{ "Name": "LoginsRefused", "Unit": "Count" }],
        }] },
        "Refusal": "code_wrong",
        "LoginsRefused": 1,
    });
    assert_eq!(problems_of_document(&good), [""; 0]);
    let broken: [(&str, Value); 8] = [
        ("/_aws/Timestamp", json!(1_800_000_000)),
        ("/_aws/CloudWatchMetrics/0/Namespace", json!("Other")),
        ("/_aws/CloudWatchMetrics/0/Dimensions", json!([["Refusal"]])),
        ("/_aws/CloudWatchMetrics/0/Metrics/0/Unit", json!("Counts")),
        ("/_aws/CloudWatchMetrics/0/Metrics/0/Name", json!("Other")),
        ("/LoginsRefused", json!("1")),
        ("/Refusal", json!("user@example.com")),
        ("/Refusal", Value::Null),
    ];
    for (at, value) in broken {
        let mut document = good.clone();
        *document.pointer_mut(at).unwrap() = value;
        assert!(!problems_of_document(&document).is_empty(), "{at}");
    }
}

#[test]
fn the_closed_sets_are_the_lists_of_the_program_and_small() {
    let function = Function::ALL.map(Function::name);
    let functions: BTreeSet<&str> = function.into_iter().chain(["none"]).collect();
    assert_eq!(Dimension::Function.values(), functions);
    let kinds = [Purpose::Tokens, Purpose::Seeds, Purpose::Signing].map(KeyKind::Data);
    let kinds = kinds.into_iter().chain([KeyKind::Pair]);
    let kinds: BTreeSet<&str> = kinds.map(KeyKind::name).collect();
    assert_eq!(Dimension::KeyKind.values(), kinds);
    for row in Row::ALL {
        assert!(Dimension::Budget.values().contains(row.name()));
    }
    let refused = EventKind::ALL
        .iter()
        .filter(|kind| kind.name().ends_with("refused"));
    for kind in refused {
        assert!(kind.is_refusal(), "{}", kind.name());
    }
    for dimension in Dimension::ALL {
        let values = dimension.values();
        let most = if dimension == Dimension::Country {
            240
        } else {
            25
        };
        assert!(
            values.len() > 1 && values.len() < most,
            "{dimension:?} {values:?}"
        );
        let plain = |of: char| of.is_ascii_alphanumeric() || "_.-".contains(of);
        assert!(
            values.iter().all(|value| value.chars().all(plain)),
            "{values:?}"
        );
    }
}
