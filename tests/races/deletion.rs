//! A user is deleted while somebody signs up or moves in under the user's names: the
//! user is whole or gone.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use crate::harness::Service;
use crate::harness::account::PASSWORD;
use crate::harness::proxy::Fault;
use crate::rules::moving_in::former::{ANN, Former, ann, ann_signs_in};

const DELETE: [&str; 4] = ["user", "delete", ANN, "--yes"];

/// The keys of the items that Ann's identifier or names stand in, without the events.
async fn of_ann(service: &Service) -> Vec<String> {
    let id = ann()["user_id"].as_str().unwrap().replace('-', "");
    let items = service.items().await.into_iter();
    let keys = items.map(|item| {
        let part = |name: &str| item[name].as_s().unwrap().clone();
        format!("{} {}", part("PK"), part("SK"))
    });
    let is_hers = |key: &String| {
        let names = key.starts_with("NAME#ann@") || key.starts_with("NAME#ann ");
        names || key.starts_with(&format!("USER#{id}"))
    };
    let mut keys: Vec<String> = keys.filter(is_hers).collect();
    keys.sort();
    keys
}

/// Fails unless Ann has a profile and both names, or nothing at all.
async fn whole_or_gone(service: &Service) {
    let keys = of_ann(service).await;
    let count = |end: &str| keys.iter().filter(|key| key.ends_with(end)).count();
    match count(" PROFILE") {
        0 => assert_eq!(keys, [""; 0], "something is left"),
        _ => assert_eq!(count(" NAME"), 2, "{keys:?}"),
    }
}

#[tokio::test]
async fn while_a_user_is_deleted_nobody_signs_up_or_moves_in_under_the_names() {
    let former = Former::with(vec![ann()]).await;
    let (service, dynamodb) = former.service_behind_proxy().await;
    assert_eq!(ann_signs_in(&service).await.status, 200);
    assert_eq!(former.asked().len(), 1);
    // The first query looks for what has to be removed.
    dynamodb.queue("Query", Fault::Hold);
    let meanwhile = async {
        dynamodb.held().await;
        let login = ann_signs_in(&service).await;
        let sign_up = service.register("ann", ANN, PASSWORD).await;
        dynamodb.release();
        (login, sign_up)
    };
    let (deleted, (login, sign_up)) = tokio::join!(service.operated(&DELETE), meanwhile);
    assert_eq!(deleted["deleted"]["login names"], json!(2), "{deleted}");
    assert_eq!(login.status, 403, "{}", login.raw);
    assert_eq!(sign_up.status, 403, "{}", sign_up.raw);
    assert_eq!(former.asked().len(), 1, "the name was known all the time");
    assert_eq!(of_ann(&service).await, [""; 0]);
    // From now on the names are free.
    assert_eq!(ann_signs_in(&service).await.status, 200);
    whole_or_gone(&service).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deletions_and_logins_at_once_leave_a_user_who_is_whole_or_gone() {
    let former = Former::with(vec![ann()]).await;
    let service = Arc::new(former.service().await);
    for _ in 0..6 {
        let moving = (0..3).map(|_| {
            let service = service.clone();
            tokio::spawn(async move { ann_signs_in(&service).await.status })
        });
        let moving: Vec<_> = moving.collect();
        // A deletion may find nobody, or somebody who changes.
        let _done = service.operate(&DELETE).await;
        for login in moving {
            let status = login.await.unwrap();
            assert!([200, 403].contains(&status), "{status}");
        }
        whole_or_gone(&service).await;
        assert_eq!(ann_signs_in(&service).await.status, 200);
        whole_or_gone(&service).await;
    }
}

#[tokio::test]
async fn a_deletion_that_fails_has_ended_every_session_and_its_repetition_deletes_the_rest() {
    let former = Former::with(vec![ann()]).await;
    let (service, dynamodb) = former.service_behind_proxy().await;
    let tokens = ann_signs_in(&service).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    dynamodb.always("BatchWriteItem", Fault::ServerError);
    let (code, _) = service.not_operated(&DELETE).await;
    assert_eq!(code, 1);
    dynamodb.heal();
    let access = tokens.text("access_token");
    assert_eq!(service.get("/userinfo", Some(&access)).await.status, 401);
    assert_eq!(ann_signs_in(&service).await.status, 403);
    let deleted = service.operated(&DELETE).await;
    assert_eq!(deleted["deleted"]["profile"], json!(1));
    assert_eq!(of_ann(&service).await, [""; 0]);
    let id = deleted["id"].as_str().unwrap().to_owned();
    let events = service.operated(&["user", "events", &id]).await;
    let events = events.as_array().unwrap();
    let acts = events.iter().filter(|one| one["act"] == "user delete");
    assert_eq!((acts.count(), events.len()), (2, 2), "{events:?}");
}

#[tokio::test]
async fn the_events_of_a_deleted_user_go_also_if_they_fill_more_than_a_page() {
    let former = Former::with(vec![ann()]).await;
    let service = former.service().await;
    assert_eq!(ann_signs_in(&service).await.status, 200);
    let id = service.account(ANN).await.user.id.to_string();
    // A page has a megabyte.
    let filler = AttributeValue::S("x".repeat(100 * 1024));
    for at in 0..30 {
        let text = |text: String| AttributeValue::S(text);
        let put = service.app.store.dynamodb().put_item();
        put.table_name(service.app.store.table())
            .item("PK", text(format!("EVENTS#{id}")))
            .item("SK", text(format!("EVENT#{at:012}#x")))
            .item("at", AttributeValue::N(at.to_string()))
            .item("filler", filler.clone())
            .send()
            .await
            .unwrap();
    }
    let deleted = service.operated(&DELETE).await;
    assert_eq!(deleted["deleted"]["events"], json!(31), "{deleted}");
    let left = service.items().await.into_iter();
    let events = left.filter(|item| item["PK"].as_s().unwrap().contains(&id));
    let acts: Vec<String> = events
        .map(|event| event["act"].as_s().unwrap().clone())
        .collect();
    assert_eq!(acts, ["user delete"]);
}
