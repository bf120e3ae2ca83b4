//! The first client of a deployment has one act: in the table, on the bus and in the log.

use countersign::routes::Function;
use serde_json::{Value, json};

use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Service, logged};
use crate::rules::events::acts::delivered;
use crate::rules::events::bus::{BUS, behind};
use crate::rules::keys::maintenance::deploy;

async fn acts(service: &Service) -> Vec<Value> {
    let listed = service.operated(&["acts", "list"]).await;
    listed.as_array().unwrap().clone()
}

#[tokio::test]
async fn the_first_client_of_a_deployment_has_one_act_and_a_later_deployment_has_none() {
    let proxy = Proxy::start().await;
    let service = behind(&proxy, &[BUS]).await;
    let keys = service.restarted_as(Function::Keys, &[]);
    proxy.take_calls();
    let (told, lines) = logged(deploy(&keys, "Create", &json!({ "ClientId": "app" }))).await;
    assert_eq!(told["Status"], "SUCCESS", "{told}");
    let on_bus = delivered(&proxy);
    assert_eq!(on_bus.len(), 1, "{on_bus:?}");
    let act = &on_bus[0]["data"];
    assert_eq!(act["event"], "operator.acted");
    assert_eq!(act["act"], "client add");
    assert_eq!(act["by"], "deployment");
    assert_eq!(act["client_id"], "app");
    let kept = acts(&service).await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0]["log_id"], on_bus[0]["id"]);
    assert_eq!(kept[0]["subject"], "app");
    let logged_ids = crate::harness::events::events_of(&lines);
    assert_eq!(logged_ids.len(), 1, "{lines:?}");

    let again = deploy(&keys, "Update", &json!({ "ClientId": "app" })).await;
    assert_eq!(again["Status"], "SUCCESS", "{again}");
    assert_eq!(delivered(&proxy), [Value::Null; 0]);
    assert_eq!(acts(&service).await, kept);
}

#[tokio::test]
async fn a_first_client_that_is_made_at_a_retry_has_one_act() {
    for (fault, at_bus) in [
        (Fault::ServerError, false),
        (Fault::LoseAnswer, false),
        (Fault::ServerError, true),
    ] {
        let (table, bus) = (Proxy::start().await, Proxy::start().await);
        let before = (table.clone(), bus.clone());
        let service = Service::start_through(&[BUS], |dynamodb, others| {
            (before.0.before(dynamodb), before.1.before(others))
        })
        .await;
        let keys = service.restarted_as(Function::Keys, &[]);
        bus.take_calls();
        let (proxy, operation) = match at_bus {
            true => (&bus, "PutEvents"),
            false => (&table, "TransactWriteItems"),
        };
        // As often as the client of AWS itself tries. If other tests have used up its
        // retries, which all clients of a process share, the setup tries as often.
        for _ in 0..3 {
            proxy.queue(operation, fault);
        }
        let told = deploy(&keys, "Create", &json!({ "ClientId": "app" })).await;
        proxy.clear();
        assert_eq!(told["Status"], "SUCCESS", "{told}");
        let on_bus = delivered(&bus);
        let mut ids: Vec<&Value> = on_bus.iter().map(|event| &event["id"]).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1, "{on_bus:?}");
        let kept = acts(&service).await;
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert_eq!(&kept[0]["log_id"], ids[0]);
    }
}

#[tokio::test]
async fn without_the_bus_a_deployment_fails_and_makes_no_client() {
    let proxy = Proxy::start().await;
    let service = behind(&proxy, &[BUS]).await;
    let keys = service.restarted_as(Function::Keys, &[]);
    proxy.always("PutEvents", Fault::ServerError);
    let told = deploy(&keys, "Create", &json!({ "ClientId": "app" })).await;
    proxy.heal();
    assert_eq!(told["Status"], "FAILED", "{told}");
    let client = service.app.store.read_client("app").await.unwrap();
    assert!(client.is_none());
}
