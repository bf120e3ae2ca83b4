//! The events that the table keeps for a user.

use countersign_local::demo;
use serde_json::json;

use crate::harness::Service;
use crate::harness::proxy::{Fault, Proxy};

const NINETY_DAYS: i64 = 90 * 86_400;

#[tokio::test]
async fn a_user_s_events_are_kept_for_ninety_days_the_newest_first() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    let token = service.begin().await;
    service.advance(1);
    service.redeem_otp(&token, &service.totp()).await;
    let (store, subject) = (&service.app.store, user.to_string());
    let page = store.list_events(&subject, false, None, 1).await;
    let page = page.unwrap();
    assert_eq!(page.events[0].get("type"), Some("s"));
    assert_eq!(page.events[0].also, ["session_begun", "gd_auth_succeed"]);
    let rest = store.list_events(&subject, false, page.next, 10);
    let rest = rest.await.unwrap();
    let types: Vec<_> = rest.events.iter().map(|event| event.get("type")).collect();
    assert_eq!(types, [Some("mfar")]);
    let items = service.items().await;
    let events = items.iter().filter(|item| {
        let partition = item["PK"].as_s().unwrap();
        *partition == format!("EVENTS#{user}")
    });
    for event in events {
        let number = |name: &str| event[name].as_n().unwrap().parse::<i64>().unwrap();
        assert_eq!(number("ttl"), number("at") + NINETY_DAYS);
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_kept_fails_no_login() {
    let proxy = Proxy::start().await;
    let before = proxy.clone();
    let service =
        Service::start_through(&[], |dynamodb, others| (before.before(dynamodb), others)).await;
    let token = service.begin().await;
    proxy.always("PutItem", Fault::ServerError);
    let code = service.totp();
    let login = service.redeem_otp(&token, &code);
    let (answer, lines) = crate::harness::logged(login).await;
    proxy.heal();
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let unkept = lines
        .iter()
        .filter(|line| line["unkept_events"] == json!(1));
    assert_eq!(unkept.count(), 1, "{lines:?}");
}
