//! A write succeeded, but its response was lost. It counts as a success, and counts
//! once.

use countersign::domain::accounts::login_name::LoginName;
use countersign::domain::accounts::password::PasswordHash;
use countersign::domain::id::UserId;
use countersign::keyring::random_bytes;
use countersign::store::{Created, NewAccount};
use countersign_local::demo;

use crate::faults::aws::behind_proxy;
use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Answer, START, Service};

const WRONG_CODE: &str = "WRONGWRONGWRONGWRONGWRON";

async fn wrong_password(service: &Service) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::USER),
        ("password", "a wrong password"),
    ];
    service.post_form("/oauth/token", &fields).await
}

/// Loses the response to the `number`-th next request of this operation.
fn lose(proxy: &Proxy, operation: &str, number: usize) {
    for _ in 1..number {
        proxy.queue(operation, Fault::Pass);
    }
    proxy.queue(operation, Fault::LoseAnswer);
}

#[tokio::test]
async fn a_guess_is_counted_once() {
    // The first guess needs one write. A later guess needs two writes, and the second
    // one counts.
    for (earlier, write) in [(0, 1), (1, 2), (5, 2)] {
        let (service, proxy) = behind_proxy().await;
        let token = service.begin().await;
        for _ in 0..earlier {
            service.redeem_recovery(&token, WRONG_CODE).await;
        }
        lose(&proxy, "UpdateItem", write);
        let answer = service.redeem_recovery(&token, WRONG_CODE).await;
        assert_eq!(answer.status, 403, "{}", answer.raw);
        assert_eq!(service.wrong_guesses_left().await, 9 - earlier);
    }
}

#[tokio::test]
async fn a_wrong_password_is_counted_once() {
    // First the guess is counted by network, then by name.
    for (earlier, write) in [(0, 1), (0, 2), (3, 1), (3, 2)] {
        let (service, proxy) = behind_proxy().await;
        for _ in 0..earlier {
            assert_eq!(wrong_password(&service).await.status, 403);
        }
        lose(&proxy, "UpdateItem", write);
        for _ in earlier..10 {
            let answer = wrong_password(&service).await;
            assert_eq!(answer.status, 403, "{}", answer.raw);
        }
        assert_eq!(wrong_password(&service).await.status, 429);
    }
}

#[tokio::test]
async fn the_last_password_of_a_row_of_a_hundred_is_counted_once() {
    let (service, proxy) = behind_proxy().await;
    let store = &service.app.store;
    let charge = |address: i64| countersign::store::Charge {
        name_and_network: address.to_string(),
        name: "name".to_owned(),
        network: address.to_string(),
        since: None,
    };
    for tried in 0..100 {
        store
            .count_password(&charge(tried / 9), START)
            .await
            .unwrap();
    }
    // By network; by name, which is refused; by name with its delay.
    lose(&proxy, "UpdateItem", 3);
    let now = START + 30;
    store.count_password(&charge(100), now).await.unwrap();
    let next = store.count_password(&charge(101), now + 60).await;
    assert!(next.is_ok(), "{next:?}");
}

#[tokio::test]
async fn forgetting_wrong_passwords_succeeds() {
    let (service, proxy) = behind_proxy().await;
    for _ in 0..9 {
        wrong_password(&service).await;
    }
    lose(&proxy, "BatchWriteItem", 1);
    let answer = service.password("openid").await;
    assert_eq!(answer.text("error"), "mfa_required");
    for _ in 0..10 {
        assert_eq!(wrong_password(&service).await.status, 403);
    }
}

#[tokio::test]
async fn a_login_begins_once() {
    let (service, proxy) = behind_proxy().await;
    service.begin().await;
    lose(&proxy, "PutItem", 1);
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn a_send_is_recorded_and_made_once() {
    let (service, proxy) = behind_proxy().await;
    let token = service.begin().await;
    lose(&proxy, "TransactWriteItems", 1);
    let challenge = service.challenge(&token, "email").await;
    assert_eq!(challenge.status, 200, "{}", challenge.raw);
    assert_eq!(service.messages().len(), 1);
    // The next charge needs the form for a budget that is in use.
    service.advance(30);
    lose(&proxy, "TransactWriteItems", 2);
    let challenge = service.challenge(&token, "email").await;
    assert_eq!(challenge.status, 200, "{}", challenge.raw);
    assert_eq!(service.messages().len(), 2);
    let (challenge, code) = (challenge.text("oob_code"), service.newest_code());
    let answer = service.redeem_oob(&token, &challenge, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn a_login_is_verified_and_then_redeemed() {
    let (service, proxy) = behind_proxy().await;
    let token = service.begin().await;
    lose(&proxy, "TransactWriteItems", 1);
    let verified = service.verify(&token, &service.totp()).await;
    assert_eq!(verified.raw, r#"{"verified":true}"#);
    lose(&proxy, "TransactWriteItems", 1);
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(service.wrong_guesses_left().await, 10);
}

#[tokio::test]
async fn a_recovery_code_is_replaced_once() {
    let (service, proxy) = behind_proxy().await;
    let token = service.begin().await;
    lose(&proxy, "TransactWriteItems", 1);
    let answer = service.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let token = service.begin().await;
    let new = answer.text("recovery_code");
    assert_eq!(service.redeem_recovery(&token, &new).await.status, 200);
}

#[tokio::test]
async fn a_session_without_a_second_factor_starts() {
    let (service, proxy) = behind_proxy().await;
    lose(&proxy, "TransactWriteItems", 1);
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "offline_access"),
    ];
    let answer = service.post_form("/oauth/token", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let refreshed = service.refresh(&answer.text("refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
}

#[tokio::test]
async fn a_session_is_refreshed_by_one_generation_and_ended() {
    let (service, proxy) = behind_proxy().await;
    let token = service.begin().await;
    let first = service.redeem_otp(&token, &service.totp()).await;
    let first = first.text("refresh_token");
    lose(&proxy, "UpdateItem", 1);
    let second = service.refresh(&first).await;
    assert_eq!(second.status, 200, "{}", second.raw);
    // The same successor again: the session moved on by one generation, not by two.
    let again = service.refresh(&first).await;
    assert_eq!(again.text("refresh_token"), second.text("refresh_token"));
    lose(&proxy, "UpdateItem", 1);
    let fields = [("client_id", demo::CLIENT), ("token", first.as_str())];
    let revoked = service.post_form("/oauth/revoke", &fields).await;
    assert_eq!(revoked.status, 200, "{}", revoked.raw);
    let refused = service.refresh(&second.text("refresh_token")).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn a_replayed_refresh_token_ends_its_family() {
    let (service, proxy) = behind_proxy().await;
    let token = service.begin().await;
    let first = service.redeem_otp(&token, &service.totp()).await;
    let first = first.text("refresh_token");
    let second = service.refresh(&first).await.text("refresh_token");
    service.advance(61);
    lose(&proxy, "UpdateItem", 1);
    let replayed = service.refresh(&first).await;
    assert_eq!(replayed.status, 403, "{}", replayed.raw);
    assert_eq!(service.refresh(&second).await.status, 403);
}

#[tokio::test]
async fn a_user_is_made_and_a_hash_is_replaced() {
    let (service, proxy) = behind_proxy().await;
    let store = &service.app.store;
    let mut account = service.account(demo::PLAIN_USER).await;
    account.user.id = UserId::random(random_bytes().unwrap());
    let new = NewAccount {
        account: &account,
        names: &[LoginName::parse("new@example.com").unwrap()],
    };
    lose(&proxy, "TransactWriteItems", 1);
    assert_eq!(store.create_user(new).await.unwrap(), Created::Done);
    lose(&proxy, "UpdateItem", 1);
    let old = account.user.password.clone().unwrap();
    let hash = PasswordHash::from_stored("new");
    assert!(store.rehash(&account.user, &old, &hash).await.unwrap());
}

#[tokio::test]
async fn the_first_keys_are_made() {
    let (mut service, proxy) = behind_proxy().await;
    service.empty_table().await;
    service.take(service.restarted());
    for _ in 0..4 {
        // The SDK's second attempt passes.
        proxy.queue("PutItem", Fault::LoseAnswer);
        proxy.queue("PutItem", Fault::Pass);
    }
    let answer = service.get("/.well-known/jwks.json", None).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(service.app.store.read_keys().await.unwrap().len(), 4);
    demo::make_demo(&service.app).await.unwrap();
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}
