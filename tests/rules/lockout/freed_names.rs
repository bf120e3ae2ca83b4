//! A new user who takes the name of a deleted user inherits neither the deleted user's
//! lock nor the networks that were known to the name.

use std::net::{IpAddr, Ipv4Addr};

use countersign_local::demo;
use serde_json::json;

use crate::harness::account::PASSWORD;
use crate::harness::{ADDRESS, Answer, Service};

const NAME: &str = demo::PLAIN_USER;

fn stranger(number: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, number))
}

async fn sign_in(service: &Service, from: IpAddr, password: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", NAME),
        ("password", password),
        ("scope", "openid"),
    ];
    service.post_form_from(from, "/oauth/token", &fields).await
}

async fn strangers_lock_the_name(service: &Service) {
    for network in 1..=10 {
        for _ in 0..10 {
            sign_in(service, stranger(network), "wrong").await;
        }
    }
    let refused = sign_in(service, stranger(99), PASSWORD).await;
    assert_eq!(refused.status, 429, "{}", refused.raw);
}

/// The budgets of guesses at passwords in the table.
async fn budgets(service: &Service, of: &str) -> usize {
    let items = service.items().await.into_iter();
    let begins = format!("BUDGET#password-{of}#");
    let keys = items.filter(|item| item["PK"].as_s().unwrap().starts_with(&begins));
    keys.count()
}

/// Deletes the user, and makes another user with the same address.
async fn another_user_takes_the_name(service: &Service) {
    let deleted = service.operated(&["user", "delete", NAME, "--yes"]).await;
    let removed = &deleted["deleted"];
    assert_eq!(removed["budgets of wrong passwords"], json!(1), "{deleted}");
    assert_eq!(budgets(service, "name").await, 0);
    service.advance(1);
    let made = service.register("another", NAME, PASSWORD).await;
    assert_eq!(made.status, 200, "{}", made.raw);
    service.operated(&["user", "confirm-email", NAME]).await;
}

#[tokio::test]
async fn a_new_user_of_a_freed_name_inherits_no_lock() {
    let service = Service::start().await;
    strangers_lock_the_name(&service).await;
    another_user_takes_the_name(&service).await;
    let answer = sign_in(&service, stranger(200), PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn the_network_of_a_deleted_user_is_not_known_to_the_new_user_of_the_name() {
    let service = Service::start().await;
    let home = sign_in(&service, ADDRESS, demo::PASSWORD_OF_ALL).await;
    assert_eq!(home.status, 200, "{}", home.raw);
    sign_in(&service, stranger(1), "wrong").await;
    another_user_takes_the_name(&service).await;
    // The strangers' own budgets are full again.
    service.advance(3600);
    // The new user signs in elsewhere.
    let answer = sign_in(&service, stranger(200), PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    strangers_lock_the_name(&service).await;
    let known = sign_in(&service, stranger(200), PASSWORD).await;
    assert_eq!(known.status, 200, "{}", known.raw);
    let old = sign_in(&service, ADDRESS, PASSWORD).await;
    assert_eq!(old.status, 429, "{}", old.raw);
}
