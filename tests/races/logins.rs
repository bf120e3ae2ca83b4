//! Races for a pending login: at least fifty concurrent requests, with the real
//! conditions of the table.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::secret::Secret;
use countersign::keyring::recovery_hash;
use countersign_local::demo;
use tokio::sync::{Barrier, Mutex};
use tokio::task::JoinSet;

use crate::dialects::codemaze::login::password_and_code::{begin, second_step};
use crate::faults::aws::behind_proxy;
use crate::harness::proxy::Fault;
use crate::harness::{Answer, Service};
use crate::store::accounts::users::{number, partition, set};

/// The number of concurrent requests, unless a test uses another.
pub const MANY: usize = 50;

/// A request that reads after the code was used sees a wrong code, and its guess is
/// charged. It is unknown how many requests of a race do so.
pub const UNTIL_ALL_GUESSES_ARE_BACK: i64 = 3600;

/// Only one race runs at a time, because two would slow each other down.
static TRACK: Mutex<()> = Mutex::const_new(());

/// Runs this many tasks that all start at the same moment. Returns their results, in no
/// order.
pub async fn at_once<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let _track = TRACK.lock().await;
    let start = Arc::new(Barrier::new(count));
    let mut tasks = JoinSet::new();
    for number in 0..count {
        let (start, task) = (start.clone(), task(number));
        tasks.spawn(async move {
            start.wait().await;
            task.await
        });
    }
    tasks.join_all().await
}

/// The number of answers with this status. Every other answer must be a refusal.
pub fn with_status(answers: &[Answer], status: u16) -> usize {
    for answer in answers {
        let refused = (400..500).contains(&answer.status);
        assert!(
            answer.status == status || refused,
            "{} {}",
            answer.status,
            answer.raw
        );
    }
    answers
        .iter()
        .filter(|answer| answer.status == status)
        .count()
}

/// Several pending logins of the demo user.
pub async fn begin_several(service: &Service, count: usize) -> Vec<String> {
    let mut tokens = Vec::new();
    for _ in 0..count {
        tokens.push(service.begin().await);
    }
    tokens
}

/// Six digits that are not this code.
pub fn another_code(right: &str) -> String {
    let right: u32 = right.parse().unwrap();
    format!("{:06}", (right + 1) % 1_000_000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixty_requests_with_one_sent_code_one_gets_tokens_and_no_guess_is_lost() {
    let service = Arc::new(Service::start().await);
    let token = service.begin().await;
    let challenge = service.challenge(&token, "email").await.text("oob_code");
    let code = service.newest_code();
    let answers = at_once(60, |_| {
        let (service, token) = (service.clone(), token.clone());
        let (challenge, code) = (challenge.clone(), code.clone());
        async move { service.redeem_oob(&token, &challenge, &code).await }
    })
    .await;
    assert_eq!(with_status(&answers, 200), 1);

    service.advance(30);
    let next = service.begin().await;
    let challenge = service.challenge(&next, "email").await.text("oob_code");
    let code = service.newest_code();
    let answer = service.redeem_oob(&next, &challenge, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(service.wrong_guesses_left().await, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_totp_step_is_accepted_once_over_fifty_logins() {
    let service = Arc::new(Service::start().await);
    let tokens = begin_several(&service, MANY).await;
    let code = service.totp();
    let answers = at_once(MANY, |number| {
        let (service, token) = (service.clone(), tokens[number].clone());
        let code = code.clone();
        async move { service.redeem_otp(&token, &code).await }
    })
    .await;
    assert_eq!(with_status(&answers, 200), 1);

    service.advance(UNTIL_ALL_GUESSES_ARE_BACK);
    let next = service.begin().await;
    let answer = service.redeem_otp(&next, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_recovery_code_is_accepted_once_over_fifty_logins() {
    let service = Arc::new(Service::start().await);
    let tokens = begin_several(&service, MANY).await;
    let answers = at_once(MANY, |number| {
        let (service, token) = (service.clone(), tokens[number].clone());
        async move { service.redeem_recovery(&token, demo::RECOVERY_CODE).await }
    })
    .await;
    assert_eq!(with_status(&answers, 200), 1);

    let winner = answers.iter().find(|answer| answer.status == 200).unwrap();
    service.advance(UNTIL_ALL_GUESSES_ARE_BACK);
    let next = service.begin().await;
    let answer = service
        .redeem_recovery(&next, &winner.text("recovery_code"))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_recovery_codes_at_once_are_each_spent_once_and_neither_comes_back() {
    const OTHER: &str = "ANOTHERRECOVERYCODE12345";
    let service = Arc::new(Service::start().await);
    let user = service.account(demo::USER).await.user.id;
    let hash = |code: &str| recovery_hash(user, &Secret::new(code));
    let store = &service.app.store;
    store
        .dynamodb()
        .update_item()
        .table_name(store.table())
        .key("PK", AttributeValue::S(format!("USER#{user}")))
        .key("SK", AttributeValue::S("PROFILE#RECOVERY".into()))
        .update_expression("SET codes.#new = :now")
        .expression_attribute_names("#new", hash(OTHER))
        .expression_attribute_values(":now", AttributeValue::N("1".into()))
        .send()
        .await
        .unwrap();
    let codes = [demo::RECOVERY_CODE, OTHER];
    let tokens = begin_several(&service, MANY).await;
    let answers = at_once(MANY, |number| {
        let (service, token) = (service.clone(), tokens[number].clone());
        let which = number % 2;
        async move { (which, service.redeem_recovery(&token, codes[which]).await) }
    })
    .await;
    let of = |wanted: usize| -> Vec<Answer> {
        let mine = answers.iter().filter(|(which, _)| *which == wanted);
        mine.map(|(_, answer)| answer.clone()).collect()
    };
    // The other right codes may have used up the budget, so one of the two codes may
    // still be unused.
    service.advance(UNTIL_ALL_GUESSES_ARE_BACK);
    let mut spent = Vec::new();
    for (which, code) in codes.into_iter().enumerate() {
        let granted = with_status(&of(which), 200);
        assert!(granted <= 1, "{code} was accepted {granted} times");
        match of(which).into_iter().find(|answer| answer.status == 200) {
            Some(answer) => spent.push(answer.text("recovery_code")),
            None => {
                let token = service.begin().await;
                let answer = service.redeem_recovery(&token, code).await;
                assert_eq!(answer.status, 200, "{}", answer.raw);
                spent.push(answer.text("recovery_code"));
            }
        }
    }
    let mut left = service.account(demo::USER).await.recovery.unwrap().hashes;
    let mut expected: Vec<String> = spent.iter().map(|code| hash(code)).collect();
    left.sort();
    expected.sort();
    assert_eq!(left, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_is_verified_and_redeemed_at_once_gives_tokens_once() {
    let service = Arc::new(Service::start().await);
    for _ in 0..4 {
        service.advance(UNTIL_ALL_GUESSES_ARE_BACK);
        let token = service.begin().await;
        let code = service.totp();
        let answers = at_once(MANY, |number| {
            let (service, token, code) = (service.clone(), token.clone(), code.clone());
            async move {
                let redeems = number % 2 == 0;
                let answer = if redeems {
                    service.redeem_otp(&token, &code).await
                } else {
                    service.verify(&token, &code).await
                };
                (redeems, answer)
            }
        })
        .await;
        let of = |wanted: bool| -> Vec<Answer> {
            let mine = answers.iter().filter(|(redeems, _)| *redeems == wanted);
            mine.map(|(_, answer)| answer.clone()).collect()
        };
        let (granted, verified) = (with_status(&of(true), 200), with_status(&of(false), 200));
        assert!(granted <= 1, "tokens were given {granted} times");
        assert!(granted + verified > 0, "nobody got anywhere");
        let afterwards = service.redeem_otp(&token, &code).await;
        let granted = granted + usize::from(afterwards.status == 200);
        assert_eq!(granted, 1, "{} {}", afterwards.status, afterwards.raw);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_sends_to_one_address_one_message_goes_out() {
    let service = Arc::new(Service::start().await);
    let tokens = begin_several(&service, 5).await;
    // Once with an idle budget, once with a budget in use, because two different writes
    // decide.
    for round in 1..=2 {
        let answers = at_once(MANY, |number| {
            let (service, token) = (service.clone(), tokens[number % 5].clone());
            async move { service.challenge(&token, "email").await }
        })
        .await;
        // Another login adopts the code of the login that it was sent for.
        assert!(with_status(&answers, 200) >= 1);
        let refused = answers.iter().filter(|answer| answer.status != 200);
        assert!(refused.into_iter().all(|answer| answer.status == 429));
        assert_eq!(service.messages().len(), round);
        service.advance(30);
    }
}

#[tokio::test]
async fn a_code_that_is_verified_while_it_is_redeemed_still_gives_tokens() {
    let (service, proxy) = behind_proxy().await;
    let token = service.begin().await;
    let code = service.totp();
    proxy.queue("TransactWriteItems", Fault::Hold);
    let verified_meanwhile = async {
        proxy.held().await;
        let verified = service.verify(&token, &code).await;
        assert_eq!(verified.status, 200, "{}", verified.raw);
        proxy.release();
    };
    let (answer, ()) = tokio::join!(service.redeem_otp(&token, &code), verified_meanwhile);
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(service.redeem_otp(&token, &code).await.status, 401);
    assert_eq!(service.wrong_guesses_left().await, 10);
}

#[tokio::test]
async fn a_code_that_is_redeemed_while_it_is_verified_is_over() {
    let (service, proxy) = behind_proxy().await;
    let token = service.begin().await;
    let code = service.totp();
    proxy.queue("TransactWriteItems", Fault::Hold);
    let redeemed_meanwhile = async {
        proxy.held().await;
        let answer = service.redeem_otp(&token, &code).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        proxy.release();
    };
    let (verified, ()) = tokio::join!(service.verify(&token, &code), redeemed_meanwhile);
    assert_eq!(verified.error(), "expired_token: mfa_token is expired");
    assert_eq!(service.wrong_guesses_left().await, 10);
}

#[tokio::test]
async fn a_login_whose_user_changes_while_it_is_redeemed_gives_no_tokens() {
    let (service, proxy) = behind_proxy().await;
    let token = service.begin().await;
    proxy.queue("TransactWriteItems", Fault::Hold);
    let user = service.account(demo::USER).await.user.id;
    let changed_meanwhile = async {
        proxy.held().await;
        let partition = partition(user);
        set(&service, (&partition, "PROFILE"), "epoch", number(2)).await;
        proxy.release();
    };
    let code = service.totp();
    let (answer, ()) = tokio::join!(service.redeem_otp(&token, &code), changed_meanwhile);
    assert_eq!(answer.error(), "expired_token: mfa_token is expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_second_steps_with_one_code_one_gets_a_token() {
    let service = Arc::new(Service::start().await);
    let code = begin(&service).await;
    let answers = at_once(MANY, |_| {
        let (service, code) = (service.clone(), code.clone());
        async move { second_step(&service, demo::USER, &code).await }
    })
    .await;
    assert_eq!(with_status(&answers, 200), 1);
}
