//! The store's keys: each is kept once.
//!
//! These tests pass on any DynamoDB. See `COUNTERSIGN_TEST_DYNAMODB`.

use countersign::store::StoredKey;

use crate::harness::{START, Service};

#[tokio::test]
async fn a_key_is_kept_unless_one_of_its_name_is_there() {
    let service = Service::start().await;
    let store = &service.app.store;
    let key = |number, wrapped: &[u8]| StoredKey::Data {
        purpose: "tokens".to_owned(),
        number,
        created_at: START,
        wrapped: wrapped.to_vec(),
    };
    let before = format!("{:?}", store.read_keys().await.unwrap());
    assert!(!store.add_key(&key(1, b"other")).await.unwrap());
    assert_eq!(format!("{:?}", store.read_keys().await.unwrap()), before);
    assert!(store.add_key(&key(2, b"second")).await.unwrap());
    assert_eq!(store.read_keys().await.unwrap().len(), 5);
}
