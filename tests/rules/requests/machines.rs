//! The cost of a token of a client alone: requests to DynamoDB.

use crate::dialects::oauth::authorization::machines::{ROBOT, add_robot, ask};
use crate::rules::requests::login::Counted;

#[tokio::test]
async fn the_token_of_a_machine_costs_one_read_of_the_client_and_then_nothing() {
    let counted = Counted::start().await;
    let service = &counted.service;
    add_robot(service, ROBOT, |_| {}).await;
    let first = ask(service, "/oauth/token", &[]);
    assert_eq!(counted.cost(200, first).await.1, 1);
    for path in ["/oauth/token", "/connect/token", "/auth/token"] {
        assert_eq!(
            counted.cost(200, ask(service, path, &[])).await.1,
            0,
            "{path}"
        );
    }
    let wrong = ask(service, "/oauth/token", &[("client_secret", "wrong")]);
    assert_eq!(counted.cost(401, wrong).await.1, 0);
}
