//! The events of what the service does without a request: the first keys, and marks of
//! destinations.

use countersign::routes::Function;
use countersign::usecase::keys::publish_keys::publish_keys;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::events::{events_of, problems_of};
use crate::harness::proxy::Fault;
use crate::harness::{Service, logged};
use crate::rules::messages::delivery_events::{bounce, complaint};

/// The keys that these lines tell of.
fn made(lines: &[Value]) -> Vec<String> {
    let events = events_of(lines);
    for event in &events {
        assert_eq!(problems_of(event), [""; 0], "{event}");
        assert_eq!(event["type"], "key_made");
    }
    let key = |event: &Value| event["key_id"].as_str().unwrap().to_owned();
    events.iter().map(key).collect()
}

#[tokio::test]
async fn each_first_key_has_one_event_also_if_a_later_key_cannot_be_made_at_once() {
    let (service, proxy) = crate::faults::aws::others_behind_proxy().await;
    service.empty_table().await;
    let keys = service.restarted_as(Function::Keys, &[]);
    for fault in [Fault::Pass, Fault::ServerError, Fault::ServerError] {
        proxy.queue("GenerateDataKeyWithoutPlaintext", fault);
    }
    let (first, lines) = logged(publish_keys(&keys, service.now())).await;
    assert!(first.is_err());
    assert_eq!(made(&lines), ["tokens"]);
    let (second, lines) = logged(publish_keys(&keys, service.now())).await;
    let kid = second.unwrap()[0].kid.clone();
    assert_eq!(
        made(&lines),
        ["seeds".to_owned(), "signing".to_owned(), kid]
    );
    let (_, lines) = logged(publish_keys(&service.restarted(), service.now())).await;
    assert_eq!(made(&lines), [""; 0]);
}

#[tokio::test]
async fn a_mark_of_a_destination_has_one_event_of_its_user_and_a_repeated_report_has_none() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id.dashed();
    let at = service.now();
    for (report, reason) in [
        (bounce("Permanent", demo::USER, at + 5), "bounced"),
        (complaint("abuse", demo::USER, at + 20), "complained"),
    ] {
        service.advance(1);
        let (marked, lines) = logged(service.reports(&report)).await;
        assert_eq!(marked, 1);
        let events = events_of(&lines);
        assert_eq!(events.len(), 1, "{lines:?}");
        let event = &events[0];
        assert_eq!(problems_of(event), [""; 0], "{event}");
        assert_eq!(event["type"], "destination_marked");
        assert_eq!(event["user_id"], user);
        assert_eq!(
            (&event["factor"], &event["reason"]),
            (&json!("email"), &json!(reason))
        );
        let kept = service.operated(&["user", "events", demo::USER]).await;
        assert_eq!(kept[0]["log_id"], event["log_id"]);
        let (again, lines) = logged(service.reports(&report)).await;
        assert_eq!((again, events_of(&lines).len()), (0, 0));
    }
    let nobody = bounce("Permanent", "nobody@example.net", at + 30);
    let (_, lines) = logged(service.reports(&nobody)).await;
    assert_eq!(events_of(&lines).len(), 0);
}
