//! What the progress line of work on the whole table counts.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::Select;

use crate::harness::Service;
use crate::operate::import::Files;

async fn items(service: &Service) -> u64 {
    let store = &service.app.store;
    let scan = store.dynamodb().scan().table_name(store.table());
    let counted = scan.select(Select::Count).send().await.unwrap();
    u64::try_from(counted.count()).unwrap()
}

#[tokio::test]
async fn whatever_reads_the_whole_table_counts_every_item_that_it_has_read() {
    let service = Service::start().await;
    let store = service.app.store.clone();
    let all = items(&service).await;
    assert!(all > 10, "{all}");
    assert_eq!(store.about_how_many_items().await.unwrap(), all);

    let before = store.items_scanned();
    service.operated(&["user", "find", "nobody"]).await;
    assert_eq!(store.items_scanned() - before, all);

    let before = store.items_scanned();
    let free_at = BTreeMap::new();
    let uses = store.count_key_uses(&free_at, service.now());
    uses.await.unwrap();
    assert_eq!(store.items_scanned() - before, all);

    let files = Files::new();
    let before = store.items_scanned();
    let file = files.path("users.ndjson");
    service.operated(&["export", &file, "--plain"]).await;
    // The act of the operator is one more item.
    assert_eq!(store.items_scanned() - before, items(&service).await);
}
