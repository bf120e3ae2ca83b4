//! Races for the budgets of wrong codes and wrong passwords: of any number of
//! concurrent guesses, only as many are compared as the budget allows.

use std::sync::Arc;

use countersign::domain::login::throttle::Guesser;
use countersign::store::CodeGuess;
use countersign_local::demo;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::faults::aws::behind_proxy;
use crate::harness::proxy::Fault;
use crate::harness::{Answer, Service};
use crate::races::logins::{MANY, another_code, at_once, begin_several, with_status};

/// A code that the demo user's authenticator app shows neither now nor in the
/// step before.
fn wrong_totp(service: &Service) -> String {
    let now = service.now();
    let shown = [service.totp(), service.totp_at(now - 30)];
    let mut code = another_code(&shown[0]);
    while shown.contains(&code) {
        code = another_code(&code);
    }
    code
}

fn count(answers: &[Answer], error: &str) -> usize {
    answers
        .iter()
        .filter(|answer| answer.body["error"] == error)
        .count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_wrong_codes_over_several_logins_and_every_factor_ten_are_compared() {
    let service = Arc::new(Service::start().await);
    let tokens = begin_several(&service, 5).await;
    let by_email = service
        .challenge(&tokens[0], "email")
        .await
        .text("oob_code");
    let email_code = another_code(&service.newest_code());
    let by_sms = service.challenge(&tokens[1], "sms").await.text("oob_code");
    let sms_code = another_code(&service.newest_code());
    let totp = wrong_totp(&service);
    // More concurrent requests would only make the database time out.
    let turns = Arc::new(Semaphore::new(50));
    let mut tasks = JoinSet::new();
    for number in 0..1000 {
        let (service, turns) = (service.clone(), turns.clone());
        let token = tokens[number % 5].clone();
        let (first, second) = (tokens[0].clone(), tokens[1].clone());
        let (by_email, email_code) = (by_email.clone(), email_code.clone());
        let (by_sms, sms_code) = (by_sms.clone(), sms_code.clone());
        let totp = totp.clone();
        tasks.spawn(async move {
            let _turn = turns.acquire().await.unwrap();
            match number % 5 {
                0 => service.redeem_otp(&token, &totp).await,
                1 => service.redeem_oob(&first, &by_email, &email_code).await,
                2 => service.redeem_oob(&second, &by_sms, &sms_code).await,
                3 => service.redeem_recovery(&token, &"W".repeat(24)).await,
                _ => service.verify(&token, &totp).await,
            }
        });
    }
    let answers = tasks.join_all().await;
    let compared = count(&answers, "invalid_grant");
    assert_eq!(
        (compared, count(&answers, "too_many_attempts")),
        (10, 990),
        "{:?}",
        answers
            .iter()
            .find(|answer| !matches!(answer.status, 403 | 429))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_code_and_wrong_ones_that_race_for_the_last_guess_happen_one_after_the_other() {
    let service = Arc::new(Service::start().await);
    for _ in 0..6 {
        // An hour later, the budget is full again.
        service.advance(3600);
        let token = service.begin().await;
        for _ in 0..9 {
            let answer = service.redeem_otp(&token, &wrong_totp(&service)).await;
            assert_eq!(answer.status, 403, "{}", answer.raw);
        }
        let (right, wrong) = (service.totp(), wrong_totp(&service));
        let answers = at_once(MANY, |number| {
            let (service, token) = (service.clone(), token.clone());
            let (right, wrong) = (right.clone(), wrong.clone());
            async move {
                let is_right = number == 25;
                let code = if is_right { right } else { wrong };
                (is_right, service.redeem_otp(&token, &code).await)
            }
        })
        .await;
        let right = answers.iter().find(|(is_right, _)| *is_right).unwrap();
        let wrong: Vec<Answer> = answers
            .iter()
            .filter(|(is_right, _)| !is_right)
            .map(|(_, answer)| answer.clone())
            .collect();
        assert!(
            wrong
                .iter()
                .all(|answer| matches!(answer.status, 401 | 403 | 429)),
            "{wrong:?}"
        );
        let compared = count(&wrong, "invalid_grant");
        match right.1.status {
            // The right code came first, so at most one wrong code was compared.
            200 => assert!(compared <= 1, "{compared} wrong codes were compared"),
            // A wrong code came first.
            429 => assert_eq!(compared, 1),
            status => panic!("{status} {}", right.1.raw),
        }
        assert_eq!(
            9 + compared + service.wrong_guesses_left().await,
            10,
            "a guess was lost or won"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_wrong_passwords_for_one_name_and_address_ten_are_compared() {
    let service = Arc::new(Service::start().await);
    let answers = at_once(MANY, |_| {
        let service = service.clone();
        async move {
            let fields = [
                ("grant_type", "password"),
                ("client_id", demo::CLIENT),
                ("username", demo::USER),
                ("password", "a wrong password"),
            ];
            service.post_form("/oauth/token", &fields).await
        }
    })
    .await;
    assert_eq!(
        (
            count(&answers, "invalid_grant"),
            count(&answers, "too_many_attempts")
        ),
        (10, 40)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_right_passwords_at_once_leave_the_name_open() {
    let service = Arc::new(Service::start().await);
    let answers = at_once(MANY, |_| {
        let service = service.clone();
        async move { service.password("openid offline_access").await }
    })
    .await;
    assert!(
        with_status(&answers, 200) == 0,
        "a second factor was skipped"
    );
    let begun = count(&answers, "mfa_required");
    assert!(begun >= 1);
    // The other requests came while ten guesses were in flight.
    assert_eq!(begun + count(&answers, "too_many_attempts"), MANY);
    for _ in 0..20 {
        let answer = service.password("openid").await;
        assert_eq!(answer.text("error"), "mfa_required", "{}", answer.raw);
    }
}

#[tokio::test]
async fn a_guess_whose_budget_becomes_idle_between_its_two_writes_is_compared() {
    let (service, proxy) = behind_proxy().await;
    let user = Guesser::User(service.account(demo::USER).await.user.id);
    let (store, now) = (service.app.store.clone(), service.now());
    store
        .count_attempt(user, CodeGuess::SixDigits, now)
        .await
        .unwrap();
    // The next charge sees a budget in use. Then a right guess is given back, before the
    // write for a budget in use arrives.
    proxy.queue("UpdateItem", Fault::Pass);
    proxy.queue("UpdateItem", Fault::Hold);
    let other = store.clone();
    let charge =
        tokio::spawn(async move { other.count_attempt(user, CodeGuess::SixDigits, now).await });
    proxy.held().await;
    store.give_back(user).await.unwrap();
    proxy.release();
    assert!(charge.await.unwrap().is_ok());
}
