//! The cost of an introspection: requests to DynamoDB.

use crate::dialects::oauth::sessions::introspect::{API, add_api, introspect, login};
use crate::rules::requests::login::Counted;

#[tokio::test]
async fn an_introspection_costs_one_read_and_none_for_a_token_that_is_not_for_the_client() {
    let counted = Counted::start().await;
    let service = &counted.service;
    add_api(service, API, |_| {}).await;
    add_api(service, "another", |client| client.audiences.clear()).await;
    let tokens = login(service).await;
    let access = tokens.text("access_token");
    for client in [API, "another"] {
        introspect(service, client, "warm").await;
    }
    let (told, cost) = counted.cost(200, introspect(service, API, &access)).await;
    assert_eq!((told.body["active"].clone(), cost), (true.into(), 1));
    assert_eq!(
        counted
            .cost(200, introspect(service, "another", &access))
            .await
            .1,
        0
    );
    let refresh = tokens.text("refresh_token");
    let (told, cost) = counted.cost(200, introspect(service, API, &refresh)).await;
    assert_eq!((told.body["active"].clone(), cost), (false.into(), 1));
}
