//! Whether an address has an account is not revealed to a stranger: by no text, no time
//! and no message that the stranger's request causes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::clock::{Clock, Timer};
use countersign_local::demo;
use tokio::sync::Notify;

use crate::dialects::{abp, codemaze};
use crate::harness::Service;
use crate::harness::account::{EMAIL, PASSWORD};
use crate::harness::proxy::{Fault, Proxy};

#[tokio::test]
async fn a_forgotten_password_is_answered_alike_for_everyone() {
    let service = Service::start().await;
    service.registered().await;
    let inactive = AttributeValue::Bool(false);
    service
        .set_profile(demo::PLAIN_USER, "active", inactive)
        .await;
    let known = service.forgot(EMAIL).await;
    assert_eq!((known.status, known.raw.as_str()), (204, ""));
    assert_eq!(service.messages().len(), 1);
    let named = |answer: &crate::harness::Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        (answer.status, answer.raw.clone(), headers)
    };
    for other in [
        "nobody@example.net",
        // Within the cool-down of the address.
        EMAIL,
        demo::PLAIN_USER,
        // A message cannot be sent to a user name.
        demo::ABP_USER,
        "not an address",
    ] {
        let answer = service.forgot(other).await;
        assert_eq!(named(&answer), named(&known), "{other}");
    }
    assert_eq!(service.messages().len(), 1, "only the first was sent");
}

#[tokio::test]
async fn strangers_resets_use_up_neither_the_codes_of_a_user_nor_their_cool_down() {
    let service = Service::start().await;
    for _ in 0..8 {
        service.forgot(demo::USER).await;
        service.advance(30);
    }
    assert_eq!(
        service.messages().len(),
        6,
        "resets have a budget of their own, which a network's first ask passes beside"
    );
    service.forgot(demo::USER).await;
    let token = service.begin().await;
    for _ in 0..3 {
        let answer = service.challenge(&token, "email").await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        service.advance(30);
    }
}

#[tokio::test]
async fn a_network_that_asks_for_many_resets_is_told_to_wait_whoever_they_are_for() {
    let service = Service::start().await;
    for _ in 0..20 {
        assert_eq!(service.forgot("nobody@example.net").await.status, 204);
    }
    for email in ["nobody@example.net", demo::USER] {
        let answer = service.forgot(email).await;
        assert_eq!(
            (answer.status, answer.number_header("retry-after")),
            (429, 180)
        );
    }
}

/// A service whose timers end only when the test says so.
pub async fn held(proxy: Option<Proxy>) -> (Service, Arc<Notify>) {
    let mut service = Service::start_through(&[], |dynamodb, others| match proxy {
        Some(proxy) => (dynamodb, proxy.before(others)),
        None => (dynamodb, others),
    })
    .await;
    let (gate, now) = (Arc::new(Notify::new()), service.now());
    let opened = gate.clone();
    let app = service.restarted_with_clock(Clock::from_fn(move || now).with_timer(
        move |time: Duration| {
            assert_eq!(time, Duration::from_secs(2));
            let opened = opened.clone();
            Timer::Ends(Box::pin(async move { opened.notified().await }))
        },
    ));
    service.take(app);
    (service, gate)
}

#[tokio::test]
async fn the_answer_waits_for_its_time_though_the_message_has_gone_out() {
    let (service, gate) = held(None).await;
    for (email, sent) in [(demo::USER, 1), ("nobody@example.net", 1)] {
        let answer = service.forgot(email);
        tokio::pin!(answer);
        // The work is done when the message arrives, but the answer waits.
        let work = async {
            while service.messages().len() < sent {
                tokio::task::yield_now().await;
            }
            for _ in 0..1000 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            early = &mut answer => panic!("{email} was answered early: {}", early.status),
            () = work => {}
        }
        gate.notify_one();
        assert_eq!(answer.await.status, 204);
    }
}

#[tokio::test]
async fn the_answer_comes_in_its_time_though_the_message_hangs() {
    let others = Proxy::start().await;
    let (service, gate) = held(Some(others.clone())).await;
    others.always("outbound-emails", Fault::Hang);
    let answer = service.forgot(demo::USER);
    tokio::pin!(answer);
    let sending = async {
        loop {
            let seen = others.take_seen();
            if seen.iter().any(|path| path.contains("outbound-emails")) {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        early = &mut answer => panic!("it was answered early: {}", early.status),
        () = sending => {}
    }
    gate.notify_one();
    let answer = answer.await;
    assert_eq!((answer.status, answer.raw.as_str()), (204, ""));
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn a_message_that_fails_costs_no_budget_and_is_told_to_nobody() {
    let others = Proxy::start().await;
    let proxy = others.clone();
    let service =
        Service::start_through(&[], |dynamodb, others| (dynamodb, proxy.before(others))).await;
    others.always("outbound-emails", Fault::ServerError);
    assert_eq!(service.forgot(demo::USER).await.status, 204);
    let held = service.items().await;
    let action = held
        .iter()
        .find(|item| item["PK"].as_s().unwrap().starts_with("ACTION#"));
    assert!(action.is_none(), "{action:?}");
    others.heal();
    // Without a wait, because the failed send left no cool-down.
    assert_eq!(service.forgot(demo::USER).await.status, 204);
    assert_eq!(service.messages().len(), 1);
}

#[tokio::test]
async fn a_reset_that_anybody_asks_for_writes_nothing_under_the_user() {
    let service = Service::start().await;
    let under_users = async || {
        let mut items = service.items().await;
        items.retain(|item| item["PK"].as_s().unwrap().starts_with("USER#"));
        items.len()
    };
    let before = under_users().await;
    service.forgot(demo::USER).await;
    assert_eq!(service.messages().len(), 1);
    assert_eq!(under_users().await, before);
    // A registration writes only under its own new user.
    service.register("annlee", EMAIL, PASSWORD).await;
    assert_eq!(under_users().await, before + 1);
}

/// Collects the times that answers wait for.
fn timed(service: &mut Service) -> Arc<Mutex<Vec<Duration>>> {
    let (times, now) = (Arc::new(Mutex::new(Vec::new())), service.now());
    let asked = times.clone();
    let clock = Clock::from_fn(move || now).with_timer(move |time| {
        asked.lock().unwrap().push(time);
        Timer::EndsWithTheWork
    });
    let app = service.restarted_with_clock(clock);
    service.take(app);
    times
}

#[tokio::test]
async fn a_wrong_code_without_password_takes_as_long_whether_or_not_the_user_is_signing_in() {
    let mut service = Service::start().await;
    codemaze::login::password_and_code::begin(&service).await;
    let user = service.account(demo::USER).await.user.id.dashed();
    let nobody = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
    let times = timed(&mut service);
    for (id, name) in [
        (user.as_str(), demo::USER),
        (nobody, demo::PLAIN_USER),
        (nobody, "nobody@example.net"),
    ] {
        let answer =
            codemaze::login::password_and_code::second_step(&service, name, "000000").await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.raw);
        abp::login::password::verify(&service, id, None, "Email", "000000").await;
        let waited: Vec<Duration> = times.lock().unwrap().drain(..).collect();
        assert_eq!(waited, [Duration::from_millis(250); 2], "{name}");
    }
}
