//! The store's budgets: wrong codes of a user, and wrong passwords of a name and a
//! network.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::id::UserId;
use countersign::domain::login::throttle::Guesser;
use countersign::domain::refusal::Refusal;
use countersign::failure::Failure;
use countersign::keyring::random_bytes;
use countersign::store::{Charge, CodeGuess};
use countersign_local::demo;

use crate::harness::{START, Service};

const DAY: i64 = 86_400;

/// When a refused guess may be retried. The refusal must have this name.
fn retry_at<T: std::fmt::Debug>(refused: Result<T, Failure>, name: &str) -> i64 {
    match refused {
        Err(Failure::Refused(refusal)) => {
            assert_eq!(refusal.name(), name);
            match refusal {
                Refusal::CodesExhausted { retry_at } | Refusal::PasswordsExhausted { retry_at } => {
                    retry_at
                }
                _ => 0,
            }
        }
        other => panic!("not refused as {name}: {other:?}"),
    }
}

async fn guess(service: &Service, user: UserId, now: i64) -> Result<(), Failure> {
    let store = &service.app.store;
    store
        .count_attempt(Guesser::User(user), CodeGuess::SixDigits, now)
        .await
}

fn charge(address: &str, name: &str) -> Charge {
    Charge {
        name_and_network: address.to_owned(),
        name: name.to_owned(),
        network: address.to_owned(),
        since: None,
    }
}

#[tokio::test]
async fn ten_codes_are_counted_at_once_and_then_one_every_six_minutes() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    for _ in 0..10 {
        guess(&service, user, START).await.unwrap();
    }
    let refused = guess(&service, user, START).await;
    assert_eq!(retry_at(refused, "codes_exhausted"), START + 360);
    let refused = guess(&service, user, START + 359).await;
    assert_eq!(retry_at(refused, "codes_exhausted"), START + 360);
    guess(&service, user, START + 360).await.unwrap();
    let refused = guess(&service, user, START + 360).await;
    assert_eq!(retry_at(refused, "codes_exhausted"), START + 720);
    // After that much time, the budget is exactly full again.
    let later = START + 11 * 360;
    for _ in 0..10 {
        guess(&service, user, later).await.unwrap();
    }
    let refused = guess(&service, user, later).await;
    assert_eq!(retry_at(refused, "codes_exhausted"), later + 360);
}

#[tokio::test]
async fn the_budgets_of_two_users_are_apart() {
    let service = Service::start().await;
    let users = [demo::USER, demo::PLAIN_USER];
    let one = service.account(users[0]).await.user.id;
    let other = service.account(users[1]).await.user.id;
    for _ in 0..10 {
        guess(&service, one, START).await.unwrap();
    }
    guess(&service, other, START).await.unwrap();
}

#[tokio::test]
async fn a_guess_that_is_given_back_is_there_again_and_no_more() {
    let service = Service::start().await;
    let store = &service.app.store;
    let user = service.account(demo::USER).await.user.id;
    for _ in 0..10 {
        guess(&service, user, START).await.unwrap();
    }
    store.give_back(Guesser::User(user)).await.unwrap();
    guess(&service, user, START).await.unwrap();
    let refused = guess(&service, user, START).await;
    retry_at(refused, "codes_exhausted");
    // A budget that was never charged has nothing to give back.
    let nobody = UserId::random(random_bytes().unwrap());
    assert!(store.give_back(Guesser::User(nobody)).await.is_err());
    assert!(
        !service
            .items()
            .await
            .iter()
            .any(|item| item["PK"].as_s() == Ok(&format!("USER#{nobody}")))
    );
}

#[tokio::test]
async fn after_a_hundred_wrong_codes_in_a_row_only_a_recovery_code_is_counted() {
    let service = Service::start().await;
    let store = &service.app.store;
    let user = service.account(demo::USER).await.user.id;
    let mut now = START;
    for _ in 0..100 {
        guess(&service, user, now).await.unwrap();
        now += 360;
    }
    // Idle and in use: wrong codes in a row count in both cases.
    let idle = now + 86_400;
    retry_at(guess(&service, user, idle).await, "codes_closed");
    let recovery = store
        .count_attempt(Guesser::User(user), CodeGuess::Unguessable, idle)
        .await;
    recovery.unwrap();
    retry_at(guess(&service, user, idle).await, "codes_closed");
    store.give_back(Guesser::User(user)).await.unwrap();
    guess(&service, user, idle).await.unwrap();
}

#[tokio::test]
async fn a_right_code_ends_the_row_of_wrong_ones() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    let mut now = START;
    for _ in 0..99 {
        guess(&service, user, now).await.unwrap();
        now += 360;
    }
    service
        .app
        .store
        .give_back(Guesser::User(user))
        .await
        .unwrap();
    for _ in 0..100 {
        guess(&service, user, now).await.unwrap();
        now += 360;
    }
    retry_at(guess(&service, user, now).await, "codes_closed");
}

#[tokio::test]
async fn recovery_codes_spend_the_same_budget() {
    let service = Service::start().await;
    let store = &service.app.store;
    let user = service.account(demo::USER).await.user.id;
    for _ in 0..10 {
        let counted = store
            .count_attempt(Guesser::User(user), CodeGuess::Unguessable, START)
            .await;
        counted.unwrap();
    }
    let refused = store
        .count_attempt(Guesser::User(user), CodeGuess::Unguessable, START)
        .await;
    assert_eq!(retry_at(refused, "codes_exhausted"), START + 360);
    retry_at(guess(&service, user, START).await, "codes_exhausted");
}

#[tokio::test]
async fn ten_passwords_are_counted_for_a_name_and_address_until_fifteen_minutes_are_over() {
    let service = Service::start().await;
    let store = &service.app.store;
    let here = charge("here", "name");
    for tried in 0..10 {
        store.count_password(&here, START + tried).await.unwrap();
    }
    // Each counted guess extends the window. A refused guess does not.
    let ends = START + 9 + 900;
    for now in [START + 9, START + 600, ends - 1] {
        let refused = store.count_password(&here, now).await;
        assert_eq!(retry_at(refused, "passwords_exhausted"), ends);
    }
    let elsewhere = charge("elsewhere", "name");
    store.count_password(&elsewhere, START + 9).await.unwrap();
    store.count_password(&here, ends).await.unwrap();
}

#[tokio::test]
async fn forgotten_passwords_leave_the_address_and_the_name_as_if_new() {
    let service = Service::start().await;
    let store = &service.app.store;
    let here = charge("here", "name");
    for _ in 0..9 {
        store.count_password(&here, START).await.unwrap();
    }
    let counted = store.count_password(&here, START).await.unwrap();
    store.forget_passwords(&counted).await.unwrap();
    for _ in 0..10 {
        store.count_password(&here, START).await.unwrap();
    }
    assert!(store.count_password(&here, START).await.is_err());
}

#[tokio::test]
async fn after_a_hundred_passwords_in_a_row_a_name_waits_longer_each_time() {
    let service = Service::start().await;
    let store = &service.app.store;
    let from = |address: i64| charge(&format!("address {address}"), "name");
    for tried in 0..100 {
        store.count_password(&from(tried / 9), START).await.unwrap();
    }
    let mut now = START;
    for (address, wait) in [(100, 30), (101, 60), (102, 120), (103, 240)] {
        let refused = store.count_password(&from(address), now + wait - 1).await;
        assert_eq!(retry_at(refused, "passwords_exhausted"), now + wait);
        now += wait;
        let counted = store.count_password(&from(address + 100), now).await;
        counted.unwrap();
    }
    // Another name is not affected, and this name is free after a day.
    let other = charge("address 1", "other name");
    store.count_password(&other, now).await.unwrap();
    let tomorrow = now + 86_400;
    let counted = store.count_password(&from(300), tomorrow).await;
    counted.unwrap();
    store.count_password(&from(301), tomorrow).await.unwrap();
}

/// The content of the item by name and network for this name.
async fn kept(service: &Service, name: &str) -> i64 {
    let items = service.items().await;
    let key = AttributeValue::S(format!("BUDGET#password-address#{name}"));
    let item = items.iter().find(|item| item["PK"] == key).unwrap();
    item["ttl"].as_n().unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_counts_by_name_and_network_is_kept_a_day_longer_than_its_window() {
    let service = Service::start().await;
    let store = &service.app.store;
    let charge = charge("here", "name");
    // Each guess extends the window, so the tenth is hours after the first.
    for guess in 0..30 {
        let now = START + guess * 890;
        if store.count_password(&charge, now).await.is_ok() {
            assert_eq!(kept(&service, "here").await, now + 900 + DAY, "{guess}");
        }
    }
}

#[tokio::test]
async fn what_counts_by_name_and_a_known_network_is_kept_as_long_as_either() {
    let service = Service::start().await;
    let store = &service.app.store;
    let charge = charge("here", "name");
    let counted = store.count_password(&charge, START).await.unwrap();
    store.complete_passwords(&counted, START).await.unwrap();
    for (day, known) in [(0, true), (29, true), (30, false), (31, false)] {
        // Twice: in a window that begins, and in an open window.
        for second in [5, 95] {
            let now = START + day * DAY + second;
            let counted = store.count_password(&charge, now).await.unwrap();
            assert_eq!(counted.completed_at.is_some(), known, "{day}");
            let kept = kept(&service, "here").await;
            let as_window = now + 900 + DAY;
            if known {
                assert_eq!(kept, START + 31 * DAY + 900, "{day}");
                assert!(kept >= as_window, "{day}");
            } else {
                assert_eq!(kept, as_window, "{day}");
            }
        }
    }
}
