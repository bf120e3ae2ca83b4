//! Lockouts in CodeMaze's dialect: the message about wrong passwords, and which callers
//! have to wait after wrong codes of other callers.

use std::net::IpAddr;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::login::throttle::Guesser;
use countersign_local::demo;
use serde_json::json;

use crate::attacks::account_enumeration::held;
use crate::dialects::codemaze::accounts::register::{is_done, reset, reset_token, with_app};
use crate::dialects::codemaze::login::password_and_code::{
    begin, is_wrong_code, login, second_step,
};
use crate::faults::aws::others_behind_proxy;
use crate::harness::account::NEW_PASSWORD;
use crate::harness::proxy::Fault;
use crate::harness::{Answer, Service};
use crate::races::logins::{another_code, at_once};

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

async fn wrong_from(service: &Service, from: &str, email: &str) -> Answer {
    let body =
        json!({ "email": email, "password": "wrong", "clientURI": "http://localhost:4200/x" });
    service
        .post_from(address(from), "/api/accounts/login", &body)
        .await
}

/// Sends ten wrong passwords from there. Returns the last answer.
async fn lock_from(service: &Service, from: &str, email: &str) -> Answer {
    for _ in 0..9 {
        let wrong = wrong_from(service, from, email).await;
        assert_eq!(wrong.body["errorMessage"], "Invalid Authentication");
    }
    wrong_from(service, from, email).await
}

async fn code_from(service: &Service, from: &str, code: &str) -> Answer {
    let body = json!({ "email": demo::USER, "provider": "Email", "token": code });
    let path = "/api/accounts/twostepverification";
    service.post_from(address(from), path, &body).await
}

#[tokio::test]
async fn the_wrong_password_that_locks_an_account_is_told_by_email_once() {
    let service = with_app().await;
    let answer = lock_from(&service, "198.51.100.1", demo::USER).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.body["errorMessage"], "The account is locked out");
    assert_eq!(answer.number_header("retry-after"), 900);
    let message = service.messages().remove(0);
    assert_eq!(message.to, demo::USER);
    let subject = "Locked out account information";
    assert_eq!(message.subject.as_deref(), Some(subject));
    assert_eq!(service.newest_link().as_str(), "http://localhost:4200/x");
    for _ in 0..5 {
        let again = wrong_from(&service, "198.51.100.1", demo::USER).await;
        assert_eq!(again.raw, answer.raw);
    }
    assert_eq!(service.messages().len(), 1);
}

#[tokio::test]
async fn an_address_hears_of_one_lockout_an_hour_however_many_there_are() {
    let service = Service::start().await;
    for network in 1..=5 {
        lock_from(&service, &format!("198.51.100.{network}"), demo::USER).await;
        service.advance(60);
    }
    assert_eq!(service.messages().len(), 1);
    service.advance(3600);
    lock_from(&service, "198.51.100.1", demo::USER).await;
    assert_eq!(service.messages().len(), 2);
}

#[tokio::test]
async fn a_hundred_wrong_passwords_from_everywhere_are_a_lockout_too() {
    let service = Service::start().await;
    for network in 0..33 {
        for _ in 0..3 {
            wrong_from(&service, &format!("198.51.100.{network}"), demo::USER).await;
        }
    }
    assert!(service.messages().is_empty());
    let last = wrong_from(&service, "203.0.113.1", demo::USER).await;
    assert_eq!(last.body["errorMessage"], "The account is locked out");
    assert_eq!(last.number_header("retry-after"), 30);
    assert_eq!(service.messages().len(), 1);
}

#[tokio::test]
async fn only_a_user_with_a_confirmed_address_is_told_and_nobody_sees_whether() {
    let service = Service::start().await;
    let known = lock_from(&service, "198.51.100.1", demo::USER).await;
    assert_eq!(service.messages().len(), 1);
    let nobody = lock_from(&service, "198.51.100.1", "nobody@example.com").await;
    let told = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        (answer.status, answer.raw.clone(), headers)
    };
    assert_eq!(told(&nobody), told(&known));
    for attribute in ["active", "email_confirmed"] {
        let email = format!("{attribute}@example.com");
        service.add_user(&email, |_| {}).await;
        let no = AttributeValue::Bool(false);
        service.set_profile(&email, attribute, no).await;
        let other = lock_from(&service, "198.51.100.1", &email).await;
        assert_eq!(told(&other), told(&known));
    }
    assert_eq!(service.messages().len(), 1);
}

#[tokio::test]
async fn a_right_password_after_nine_wrong_ones_locks_nothing_and_tells_nobody() {
    let service = Service::start().await;
    for _ in 0..9 {
        login(&service, demo::PLAIN_USER, "wrong").await;
    }
    let right = login(&service, demo::PLAIN_USER, demo::PASSWORD_OF_ALL).await;
    assert_eq!(right.body["isAuthSuccessful"], true, "{}", right.raw);
    let wrong = login(&service, demo::PLAIN_USER, "wrong").await;
    assert_eq!(wrong.body["errorMessage"], "Invalid Authentication");
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn the_answer_to_the_password_that_locks_takes_its_time_for_everyone() {
    let (service, gate) = held(None).await;
    for (email, sent) in [(demo::USER, 1), ("nobody@example.net", 1)] {
        for _ in 0..9 {
            // These requests do not wait.
            login(&service, email, "wrong").await;
        }
        let answer = login(&service, email, "wrong");
        tokio::pin!(answer);
        let work = async {
            while service.messages().len() < sent {
                tokio::task::yield_now().await;
            }
            for _ in 0..100_000 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            early = &mut answer => panic!("{email} was answered early: {}", early.status),
            () = work => {}
        }
        gate.notify_one();
        assert_eq!(
            answer.await.body["errorMessage"],
            "The account is locked out"
        );
    }
}

#[tokio::test]
async fn a_lockout_message_that_fails_costs_no_budget_and_is_told_to_nobody() {
    let (service, others) = others_behind_proxy().await;
    others.always("outbound-emails", Fault::ServerError);
    let failed = lock_from(&service, "198.51.100.1", demo::USER).await;
    assert_eq!(failed.body["errorMessage"], "The account is locked out");
    others.heal();
    lock_from(&service, "198.51.100.2", demo::USER).await;
    assert_eq!(service.messages().len(), 1);
}

#[tokio::test]
async fn strangers_who_guess_codes_elsewhere_do_not_make_the_owner_wait() {
    let service = Service::start().await;
    let code = begin(&service).await;
    let wrong = another_code(&code);
    for network in 1..=10 {
        let guess = code_from(&service, &format!("198.51.100.{network}"), &wrong).await;
        assert_eq!(guess.status, 400, "{}", guess.raw);
    }
    // All other networks share ten guesses. After these, the right code gets the answer
    // of a wrong code.
    for network in ["198.51.100.1", "203.0.113.1", "2001:db8:1::1"] {
        let guess = code_from(&service, network, &code).await;
        assert_eq!(guess.status, 400, "{}", guess.raw);
    }
    assert_eq!(second_step(&service, demo::USER, &code).await.status, 200);
}

#[tokio::test]
async fn where_the_password_came_from_there_are_ten_guesses_apart_from_strangers() {
    let service = Service::start().await;
    let code = begin(&service).await;
    let wrong = another_code(&code);
    for _ in 0..10 {
        let guess = second_step(&service, demo::USER, &wrong).await;
        assert_eq!(guess.status, 400, "{}", guess.raw);
    }
    let closed = second_step(&service, demo::USER, &code).await;
    assert_eq!(
        (closed.status, closed.number_header("retry-after")),
        (429, 360)
    );
    // A user who changes networks between the steps draws on the strangers' budget.
    assert_eq!(code_from(&service, "198.51.100.1", &code).await.status, 200);
}

#[tokio::test]
async fn an_ipv6_network_is_its_64() {
    let service = Service::start().await;
    let body = json!({ "email": demo::USER, "password": demo::PASSWORD_OF_ALL });
    let path = "/api/accounts/login";
    let begun = service
        .post_from(address("2001:db8:1:2::1"), path, &body)
        .await;
    assert_eq!(begun.status, 200, "{}", begun.raw);
    let code = service.newest_code();
    let wrong = another_code(&code);
    // Another /64 of the same customer counts as a stranger. Strangers have ten guesses
    // of their own.
    for (network, eleventh) in [("2001:db8:1:3", 400), ("2001:db8:1:2", 429)] {
        for host in 1..=11 {
            let guess = code_from(&service, &format!("{network}::{host}"), &wrong).await;
            let expected = if host <= 10 { 400 } else { eleventh };
            assert_eq!(guess.status, expected, "{network}::{host}: {}", guess.raw);
        }
    }
    let right = code_from(&service, "2001:db8:1:4::1", &code).await;
    assert_eq!(right.status, 400, "{}", right.raw);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_wrong_codes_at_once_ten_are_compared_here_and_ten_elsewhere() {
    let service = Arc::new(Service::start().await);
    let code = begin(&service).await;
    let wrong = another_code(&code);
    let user = service.account(demo::USER).await.user.id;
    for (from, guesser, refused) in [
        ("192.0.2.1", Guesser::Near(user), 429),
        // A stranger cannot tell which codes were compared.
        ("198.51.100.1", Guesser::Stranger(user), 400),
    ] {
        let answers = at_once(50, |_| {
            let (service, wrong) = (service.clone(), wrong.clone());
            async move { code_from(&service, from, &wrong).await }
        })
        .await;
        let answered = |answer: &Answer| [400, refused].contains(&answer.status);
        assert!(answers.iter().all(answered), "{from}");
        let compared = charged(&service, guesser).await;
        assert!((1..=10).contains(&compared), "{compared} from {from}");
        // Of two concurrent writes, one may fail its condition. Then there is room for
        // another guess.
        for _ in 0..10 {
            code_from(&service, from, &wrong).await;
        }
        assert_eq!(charged(&service, guesser).await, 10, "{from}");
        let right = code_from(&service, from, &code).await;
        assert_eq!(right.status, refused, "{}", right.raw);
    }
}

/// The number of wrong codes in a row in this budget.
async fn charged(service: &Service, guesser: Guesser) -> i64 {
    let partition = match guesser {
        Guesser::User(user) => format!("USER#{user}"),
        Guesser::Stranger(user) => format!("BUDGET#codes#{user}"),
        Guesser::Near(user) => format!("BUDGET#codes#{user}#near"),
    };
    let items = service.items().await;
    let mut own = items
        .iter()
        .filter(|item| item["PK"].as_s() == Ok(&partition) && item.contains_key("wrong_in_a_row"));
    let item = own.next().unwrap();
    item["wrong_in_a_row"].as_n().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_hundred_wrong_codes_in_a_row_close_the_owners_network_until_a_reset() {
    let service = Service::start().await;
    for _ in 0..10 {
        service.advance(3600);
        let wrong = another_code(&begin(&service).await);
        for _ in 0..10 {
            second_step(&service, demo::USER, &wrong).await;
        }
    }
    service.advance(3600);
    let code = begin(&service).await;
    let closed = second_step(&service, demo::USER, &code).await;
    assert_eq!(
        (closed.status, closed.number_header("retry-after")),
        (429, 3600)
    );
    service
        .delete_factor(
            demo::USER,
            countersign::domain::factors::factor::Method::Totp,
        )
        .await;
    service
        .delete_factor(
            demo::USER,
            countersign::domain::factors::factor::Method::Sms,
        )
        .await;
    service.advance(3600);
    let token = reset_token(&service, demo::USER).await;
    is_done(
        &reset(&service, demo::USER, &token, NEW_PASSWORD).await,
        200,
    );
    let begun = login(&service, demo::USER, NEW_PASSWORD).await;
    assert_eq!(begun.status, 200, "{}", begun.raw);
    let code = service.newest_code();
    assert_eq!(second_step(&service, demo::USER, &code).await.status, 200);
}

#[tokio::test]
async fn two_later_logins_from_elsewhere_leave_the_owners_code_to_the_owners_own_budget() {
    let service = with_app().await;
    let right = json!({
        "email": demo::USER, "password": demo::PASSWORD_OF_ALL,
        "clientURI": "http://localhost:4200/x",
    });
    let path = "/api/accounts/login";
    let begun = service.post_from(address("198.51.100.8"), path, &right);
    assert_eq!(begun.await.status, 200);
    let code = service.newest_code();
    service.advance(2);
    for number in 1..=11 {
        let from = format!("203.0.113.{number}");
        code_from(&service, &from, &another_code(&code)).await;
    }
    for from in ["192.0.2.71", "192.0.2.72"] {
        let later = service.post_from(address(from), path, &right).await;
        assert_eq!(later.status, 200, "{}", later.raw);
    }
    let done = code_from(&service, "198.51.100.8", &code).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn wrong_codes_are_counted_apart_from_the_users_own_budget() {
    let service = Service::start().await;
    let code = begin(&service).await;
    for _ in 0..10 {
        is_wrong_code(&second_step(&service, demo::USER, &another_code(&code)).await);
    }
    let closed = second_step(&service, demo::USER, &code).await;
    assert_eq!(closed.status, 429, "{}", closed.raw);
    assert_eq!(closed.raw, "The account is locked out");
    assert!(closed.header("retry-after").is_some());
    // With a login's token, the user still gets in.
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}
