//! The cost of signing up, of forgotten passwords and of codes in place of a password, in
//! Auth0's words.

use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::accounts::{change_password, sign_up};
use crate::dialects::auth0::passwordless::{by_session, challenge};
use crate::harness::account::EMAIL;
use crate::rules::requests::login::Counted;

#[tokio::test]
async fn a_sign_up_costs_three_and_a_forgotten_password_five() {
    let counted = Counted::start().await;
    let none = json!({});
    let (_, cost) = counted
        .cost(200, sign_up(&counted.service, EMAIL, &none))
        .await;
    assert_eq!(cost, 3);
    counted.service.advance(3600);
    let asked = change_password(&counted.service, demo::PLAIN_USER);
    let (_, cost) = counted.cost(200, asked).await;
    assert_eq!(cost, 5);
}

#[tokio::test]
async fn a_code_in_place_of_a_password_costs_five_to_send_and_seven_to_take() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let (asked, cost) = counted
        .cost(200, challenge(service, demo::PLAIN_USER, false))
        .await;
    assert_eq!(cost, 5);
    let (session, code) = (asked.text("auth_session"), service.newest_code());
    let (_, cost) = counted
        .cost(200, by_session(service, &session, &code))
        .await;
    assert_eq!(cost, 7);
    service.advance(3600);
    // A mailbox of nobody costs one less to send, because nothing is kept.
    let (_, cost) = counted.cost(200, challenge(service, EMAIL, false)).await;
    assert_eq!(cost, 4);
    service.advance(3600);
    let (asked, _) = counted.cost(200, challenge(service, EMAIL, true)).await;
    let (session, code) = (asked.text("auth_session"), service.newest_code());
    let (_, cost) = counted
        .cost(200, by_session(service, &session, &code))
        .await;
    assert_eq!(cost, 7);
}
