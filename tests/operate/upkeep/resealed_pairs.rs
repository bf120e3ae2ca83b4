//! The daily task of `keys` seals the key pairs with the newest data key, so that an old
//! data key of purpose `signing` can go.

use std::sync::Arc;

use countersign::routes::Function;
use countersign::store::StoredKey;
use countersign::wire::task::carry_out_rotation;
use countersign_local::demo;
use serde_json::json;

use crate::harness::Service;
use crate::harness::proxy::Fault;
use crate::operate::upkeep::keys::{DAY, retired};
use crate::races::logins::at_once;
use crate::rules::keys::rotation::{check, key_set, tokens};

/// The number of the data key that seals each key pair, and the pair's public key.
async fn sealed_by(service: &Service) -> Vec<(u32, String)> {
    let stored = service.app.store.read_keys().await.unwrap();
    let pairs = stored.into_iter().filter_map(|key| match key {
        StoredKey::Signing {
            private,
            public_jwk,
            ..
        } => Some((private.key, public_jwk)),
        StoredKey::Data { .. } => None,
    });
    pairs.collect()
}

#[tokio::test]
async fn a_key_pair_is_sealed_with_the_newest_data_key_within_a_day_and_the_old_key_goes() {
    let mut service = Service::start().await;
    let keys = service.restarted_as(Function::Keys, &[]);
    let before = tokens(&service).await.text("access_token");
    let published = key_set(&service).await;
    service.operated(&["keys", "rotate", "signing"]).await;
    service.advance(DAY);
    let rotated = carry_out_rotation(&keys).await.unwrap();
    assert_eq!(rotated, json!({ "published": [], "retired": [] }));
    assert_eq!(sealed_by(&service).await[0].0, 2);
    service.advance(2 * DAY);
    assert_eq!(retired(&service).await, ["signing-1 nothing"]);

    // The same pair signs on, without the old data key.
    service.take(service.restarted());
    assert_eq!(key_set(&service).await, published);
    let after = tokens(&service).await.text("access_token");
    let [old, new] = [&before, &after].map(|token| check(&published, token, demo::AUDIENCE).kid);
    assert_eq!(old, new);
}

#[tokio::test]
async fn a_data_key_that_is_not_used_yet_seals_no_pair_and_a_second_task_changes_nothing() {
    let service = Service::start().await;
    let keys = service.restarted_as(Function::Keys, &[]);
    service.operated(&["keys", "rotate", "signing"]).await;
    carry_out_rotation(&keys).await.unwrap();
    assert_eq!(sealed_by(&service).await[0].0, 1);
    service.advance(DAY);
    carry_out_rotation(&keys).await.unwrap();
    let items = service.items().await;
    carry_out_rotation(&keys).await.unwrap();
    assert_eq!(service.items().await, items);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn daily_tasks_at_once_leave_a_pair_that_opens() {
    let mut service = Service::start().await;
    service.operated(&["keys", "rotate", "signing"]).await;
    service.advance(DAY);
    let shared = Arc::new(service.restarted_as(Function::Keys, &[]));
    let done = at_once(4, |_| {
        let keys = shared.clone();
        async move { carry_out_rotation(&keys).await.is_ok() }
    })
    .await;
    assert_eq!(done, [true; 4]);
    assert_eq!(sealed_by(&service).await[0].0, 2);
    service.take(service.restarted());
    let token = tokens(&service).await.text("access_token");
    check(&key_set(&service).await, &token, demo::AUDIENCE);
}

#[tokio::test]
async fn a_pair_that_another_task_sealed_meanwhile_or_deleted_stays_so() {
    let (service, dynamodb) = crate::faults::aws::behind_proxy().await;
    let keys = service.restarted_as(Function::Keys, &[]);
    service.operated(&["keys", "rotate", "signing"]).await;
    service.advance(DAY);
    // The first task has opened the pair when the second comes.
    dynamodb.queue("UpdateItem", Fault::Hold);
    let other = service.restarted_as(Function::Keys, &[]);
    let meanwhile = async {
        dynamodb.held().await;
        carry_out_rotation(&other).await.unwrap();
        let sealed = service.items().await;
        dynamodb.release();
        sealed
    };
    let (first, sealed) = tokio::join!(carry_out_rotation(&keys), meanwhile);
    first.unwrap();
    assert_eq!(service.items().await, sealed);

    // Here the operator replaces the pair meanwhile.
    service.operated(&["keys", "rotate", "signing"]).await;
    service.advance(DAY);
    dynamodb.queue("UpdateItem", Fault::Hold);
    let meanwhile = async {
        dynamodb.held().await;
        let replace = ["keys", "replace", "pair", "--reason", "stolen", "--yes"];
        service.operated(&replace).await;
        let items = service.items().await;
        dynamodb.release();
        items
    };
    let (task, items) = tokio::join!(carry_out_rotation(&keys), meanwhile);
    task.unwrap();
    assert_eq!(service.items().await, items);
}

#[tokio::test]
async fn a_pair_whose_data_key_is_gone_does_not_stop_the_daily_task() {
    let service = Service::start().await;
    let keys = service.restarted_as(Function::Keys, &[]);
    service.operated(&["keys", "rotate", "signing"]).await;
    crate::rules::keys::rotation::delete_key(&service, "signing-1").await;
    service.advance(90 * DAY);
    let rotated = carry_out_rotation(&keys).await.unwrap();
    assert_eq!(rotated["published"].as_array().unwrap().len(), 1);
}
