//! Clients in the store: added once, and read as they were added.

use countersign::domain::events::operator_command::{ActSubject, OperatorCommand};
use countersign::store::Act;
use countersign_local::demo;

use crate::harness::Service;

#[tokio::test]
async fn a_client_is_added_once_and_read_and_listed_as_it_was_added() {
    let service = Service::start().await;
    let store = &service.app.store;
    let mut client = store.read_client(demo::CLIENT).await.unwrap().unwrap();
    client.id = "another".to_owned();
    client.access_token_seconds = Some(90);
    let act = Act {
        id: "act".to_owned(),
        what: OperatorCommand::ClientAdd,
        subject: ActSubject::Client(client.id.clone()),
        key: None,
        by: "olga".to_owned(),
        reason: None,
        at: service.now(),
    };
    for added in [true, false] {
        assert_eq!(store.put_new_client(&client, &act).await.unwrap(), added);
    }
    let read = store.read_client("another").await.unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{client:?}"));
    let listed = store.list_clients().await.unwrap();
    let ids: Vec<&str> = listed.iter().map(|client| client.id.as_str()).collect();
    assert!(ids.contains(&"another") && ids.is_sorted(), "{ids:?}");
}
