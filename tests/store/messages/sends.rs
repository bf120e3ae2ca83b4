//! The store's sends: they are recorded together with their destination's budget, and
//! undone if the message did not go out.

use countersign::domain::factors::factor::Channel;
use countersign::domain::id::FactorId;
use countersign::domain::login::pending_login::{Login, Proof, SentCode, State};
use countersign::domain::login::throttle::Budget;
use countersign::domain::messages::payers::{Bill, FirstAsks, Limit, Payer, Row};
use countersign::domain::refusal::Refusal;
use countersign::failure::Failure;
use countersign::store::{LoginVerification, SendRecorded};

use crate::harness::{START, Service};
use crate::store::accounts::users::{nobodys_guess, read_again, stored_login};
use crate::store::login::pending_logins::by_token;

/// The bill of a message that one destination pays for.
fn bill_of(destination: &str, budget: Budget) -> Bill {
    let payer = Payer {
        row: Row::Confirmed(Channel::Email),
        limit: Limit::Steady {
            budget,
            cool_down: true,
        },
        who: destination.to_owned(),
    };
    Bill {
        payers: vec![payer],
        ceilings: Vec::new(),
        asker: "network".to_owned(),
        first_asks: FirstAsks::OfAll,
        recipient: None,
    }
}

fn bill(destination: &str) -> Bill {
    let budget = Budget {
        burst: 10,
        interval: 360,
    };
    bill_of(destination, budget)
}

fn factor(which: u8) -> FactorId {
    FactorId::from_bytes([which; 16])
}

/// The next send of this login, to the factor of this number.
fn next(login: &Login, which: u8, now: i64) -> SentCode {
    SentCode {
        earlier: None,
        number: login.sends + 1,
        factor: factor(which),
        channel: Channel::Email,
        at: now,
        key: 1,
    }
}

async fn record(
    service: &Service,
    login: &Login,
    to: &Bill,
    now: i64,
) -> Result<SendRecorded, Failure> {
    let sent = next(login, 1, now);
    service.app.store.record_send(login, sent, to, now).await
}

/// When a refused send may be retried. The refusal must have this name.
fn retry_at(refused: Result<SendRecorded, Failure>, name: &str) -> i64 {
    match refused {
        Err(Failure::Refused(refusal)) => {
            assert_eq!(refusal.name(), name);
            match refusal {
                Refusal::SendTooSoon { retry_at } | Refusal::SendsExhausted { retry_at, .. } => {
                    retry_at
                }
                _ => 0,
            }
        }
        other => panic!("not refused as {name}: {other:?}"),
    }
}

#[tokio::test]
async fn a_login_keeps_its_two_newest_sends_and_counts_them_all() {
    let service = Service::start().await;
    let mut login = stored_login(&service).await;
    for number in 1..=3 {
        let now = START + 30 * i64::from(number);
        record(&service, &login, &bill("a"), now).await.unwrap();
        login = read_again(&service, &login).await;
        assert_eq!((login.sends, &login.state), (number, &State::CodeSent));
    }
    let numbers: Vec<u32> = login.sent.iter().map(|sent| sent.number).collect();
    assert_eq!(numbers, [2, 3]);
    assert_eq!(login.sent[1].at, START + 90);
}

#[tokio::test]
async fn a_send_is_recorded_only_on_the_login_as_it_was_read() {
    let service = Service::start().await;
    let login = stored_login(&service).await;
    record(&service, &login, &bill("a"), START).await.unwrap();
    // Another address, so that only the login's own cool-down refuses the send.
    let refused = record(&service, &login, &bill("b"), START).await;
    assert_eq!(retry_at(refused, "send_too_soon"), START + 30);
    assert_eq!(read_again(&service, &login).await.sends, 1);
}

#[tokio::test]
async fn a_login_that_is_over_takes_no_send_and_charges_nobody() {
    let service = Service::start().await;
    let expired = stored_login(&service).await;
    let refused = record(&service, &expired, &bill("a"), START + 600).await;
    retry_at(refused, "login_expired");
    let verified = stored_login(&service).await;
    let proof = Proof::Sent(next(&verified, 1, START));
    let store = &service.app.store;
    let done = store
        .verify_login(&verified, &by_token(&proof), START)
        .await;
    assert_eq!(done.unwrap(), LoginVerification::Done);
    let refused = record(&service, &verified, &bill("a"), START).await;
    retry_at(refused, "login_expired");
    let items = service.items().await;
    let mut partitions = items.iter().map(|item| item["PK"].as_s().unwrap());
    assert!(!partitions.any(|partition| partition.starts_with("BUDGET#")));
}

#[tokio::test]
async fn the_cool_down_belongs_to_the_destination_and_not_to_the_login() {
    let service = Service::start().await;
    let first = stored_login(&service).await;
    record(&service, &first, &bill("a"), START).await.unwrap();
    let second = stored_login(&service).await;
    let refused = record(&service, &second, &bill("a"), START + 29).await;
    assert_eq!(retry_at(refused, "send_too_soon"), START + 30);
    assert_eq!(read_again(&service, &second).await.sends, 0);
    let third = stored_login(&service).await;
    record(&service, &third, &bill("b"), START + 29)
        .await
        .unwrap();
    record(&service, &second, &bill("a"), START + 30)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_destination_takes_its_burst_and_then_one_for_each_interval() {
    let service = Service::start().await;
    let slow = || {
        let budget = Budget {
            burst: 3,
            interval: 600,
        };
        bill_of("a", budget)
    };
    for sends in 0..3 {
        let login = stored_login(&service).await;
        record(&service, &login, &slow(), START + 30 * sends)
            .await
            .unwrap();
    }
    let login = stored_login(&service).await;
    for now in [START + 90, START + 599] {
        let refused = record(&service, &login, &slow(), now).await;
        assert_eq!(retry_at(refused, "sends_exhausted"), START + 600);
    }
    assert_eq!(read_again(&service, &login).await.sends, 0);
    let mut login = stored_login(&service).await;
    login.expires_at += 600;
    service
        .app
        .store
        .begin_login(&login, &nobodys_guess())
        .await
        .unwrap();
    record(&service, &login, &slow(), START + 600)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_send_that_is_taken_back_costs_neither_number_nor_budget_nor_cool_down() {
    let service = Service::start().await;
    let store = &service.app.store;
    let one = || {
        bill_of(
            "a",
            Budget {
                burst: 1,
                interval: 600,
            },
        )
    };
    let mut login = stored_login(&service).await;
    for _ in 0..3 {
        let recorded = record(&service, &login, &one(), START).await.unwrap();
        store.mark_unsent(&login, &recorded).await.unwrap();
        login = read_again(&service, &login).await;
        assert_eq!((login.sends, login.sent.len()), (0, 0));
    }
    record(&service, &login, &one(), START).await.unwrap();
}

#[tokio::test]
async fn an_earlier_send_stays_when_a_later_one_is_taken_back() {
    let service = Service::start().await;
    let store = &service.app.store;
    let login = stored_login(&service).await;
    record(&service, &login, &bill("a"), START).await.unwrap();
    let login = read_again(&service, &login).await;
    let recorded = record(&service, &login, &bill("a"), START + 30)
        .await
        .unwrap();
    store.mark_unsent(&login, &recorded).await.unwrap();
    let after = read_again(&service, &login).await;
    assert_eq!((after.sends, &after.sent), (1, &login.sent));
}

#[tokio::test]
async fn a_send_is_not_taken_back_once_the_login_or_the_budget_went_on() {
    let service = Service::start().await;
    let store = &service.app.store;
    let first = stored_login(&service).await;
    let recorded = record(&service, &first, &bill("a"), START).await.unwrap();
    let again = read_again(&service, &first).await;
    record(&service, &again, &bill("a"), START + 30)
        .await
        .unwrap();
    store.mark_unsent(&first, &recorded).await.unwrap();
    assert_eq!(read_again(&service, &first).await.sends, 2);
    // The cool-down of the newer send stays.
    let other = stored_login(&service).await;
    let refused = record(&service, &other, &bill("a"), START + 59).await;
    assert_eq!(retry_at(refused, "send_too_soon"), START + 60);

    let verified = stored_login(&service).await;
    let recorded = record(&service, &verified, &bill("b"), START)
        .await
        .unwrap();
    let proof = Proof::Sent(next(&verified, 1, START));
    let done = store
        .verify_login(&verified, &by_token(&proof), START)
        .await;
    assert_eq!(done.unwrap(), LoginVerification::Done);
    store.mark_unsent(&verified, &recorded).await.unwrap();
    let after = read_again(&service, &verified).await;
    assert_eq!(after.sends, 1);
    assert!(matches!(after.state, State::Verified { .. }));
}

#[tokio::test]
async fn a_send_that_happens_meanwhile_does_not_take_a_login_away() {
    let service = Service::start().await;
    let store = &service.app.store;
    let login = stored_login(&service).await;
    record(&service, &login, &bill("a"), START).await.unwrap();
    let proof = Proof::Sent(next(&login, 1, START));
    let done = store.verify_login(&login, &by_token(&proof), START).await;
    assert_eq!(done.unwrap(), LoginVerification::Done);
}

#[tokio::test]
async fn a_ceiling_of_none_passes_no_message() {
    let service = Service::start().await;
    let store = &service.app.store;
    for (most, passed) in [(0, 0), (1, 1), (2, 2)] {
        let ceiling = Payer {
            row: Row::Texts,
            limit: Limit::Day(most),
            who: format!("{most}"),
        };
        let mut sent = 0;
        for _ in 0..3 {
            sent += usize::from(store.charge_ceiling(&ceiling, START).await.is_ok());
        }
        assert_eq!(sent, passed, "{most}");
    }
}
