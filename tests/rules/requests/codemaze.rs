//! The exact cost of CodeMaze's account calls.

use countersign_local::demo;
use serde_json::json;

use crate::dialects::codemaze::accounts::register::{confirm, forgot, register, reset};
use crate::dialects::codemaze::login::password_and_code::{login, second_step};
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD};
use crate::rules::requests::login::Counted;

const MAIL: &str = "/v2/email/outbound-emails";

/// The calls of other services since the last check.
fn beside(counted: &Counted) -> Vec<String> {
    counted.others.take_seen()
}

#[tokio::test]
async fn registering_costs_three_and_confirming_two() {
    let counted = Counted::start().await;
    let service = &counted.service;
    assert_eq!(counted.cost(201, register(service, EMAIL)).await.1, 3);
    assert_eq!(beside(&counted), [MAIL]);
    let token = service.link_parameter("token");
    assert_eq!(
        counted.cost(400, confirm(service, EMAIL, "forged")).await.1,
        0
    );
    assert_eq!(
        counted.cost(200, confirm(service, EMAIL, &token)).await.1,
        2
    );
    // A link that was opened before is only read.
    assert_eq!(
        counted.cost(200, confirm(service, EMAIL, &token)).await.1,
        1
    );
    // The network's budget is in use, and nothing is sent.
    assert_eq!(counted.cost(400, register(service, EMAIL)).await.1, 3);
    assert!(beside(&counted).is_empty());
}

#[tokio::test]
async fn a_forgotten_password_costs_five_for_a_user_three_for_nobody_and_its_reset_four() {
    let counted = Counted::start().await;
    let service = &counted.service;
    assert_eq!(
        counted.cost(200, forgot(service, demo::PLAIN_USER)).await.1,
        5
    );
    let token = service.link_parameter("token");
    service.advance(180);
    assert_eq!(
        counted
            .cost(200, forgot(service, "nobody@example.net"))
            .await
            .1,
        3
    );
    let done = reset(service, demo::PLAIN_USER, &token, NEW_PASSWORD);
    assert_eq!(counted.cost(200, done).await.1, 4);
    let again = reset(service, demo::PLAIN_USER, &token, PASSWORD);
    assert_eq!(counted.cost(400, again).await.1, 1);
}

#[tokio::test]
async fn the_password_that_locks_costs_one_more_for_a_user_with_a_mailbox_only() {
    let counted = Counted::start().await;
    let service = &counted.service;
    // For both names, the tenth wrong password also notes the lock beside the name.
    for (email, cost) in [(demo::USER, 7), ("nobody@example.com", 6)] {
        login(service, email, "wrong").await;
        for _ in 0..8 {
            assert_eq!(counted.cost(401, login(service, email, "wrong")).await.1, 5);
        }
        assert_eq!(
            counted.cost(401, login(service, email, "wrong")).await.1,
            cost,
            "{email}"
        );
    }
    assert_eq!(beside(&counted), [MAIL]);
}

#[tokio::test]
async fn a_login_that_waits_for_the_address_costs_nine_while_its_budget_is_in_use() {
    let counted = Counted::start().await;
    let service = &counted.service;
    register(service, EMAIL).await;
    login(service, EMAIL, "wrong").await;
    service.advance(30);
    assert_eq!(
        counted.cost(401, login(service, EMAIL, PASSWORD)).await.1,
        9
    );
    assert_eq!(beside(&counted), [MAIL, MAIL]);
}

#[tokio::test]
async fn a_mailbox_that_becomes_the_first_factor_costs_nine_and_eight() {
    let counted = Counted::start().await;
    let service = &counted.service;
    service.add_user("first@example.com", |_| {}).await;
    login(service, "first@example.com", "wrong").await;
    let begun = login(service, "first@example.com", demo::PASSWORD_OF_ALL);
    let (answer, cost) = counted.cost(200, begun).await;
    assert_eq!(answer.body["provider"], json!("Email"));
    assert_eq!(cost, 9);
    let code = service.newest_code();
    let done = second_step(service, "first@example.com", &code);
    assert_eq!(counted.cost(200, done).await.1, 8);
}
