//! One network that tries many names.

use std::sync::Arc;

use countersign_local::demo;
use serde_json::json;

use crate::harness::{Answer, Service};
use crate::races::logins::at_once;
use crate::rules::requests::login::Counted;

/// The limit over all names.
const MOST: usize = 100;

async fn password(service: &Service, name: &str, password: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", name),
        ("password", password),
    ];
    service.post_form("/oauth/token", &fields).await
}

async fn spray(service: &Service, names: std::ops::Range<usize>) -> Vec<Answer> {
    let mut answers = Vec::new();
    for name in names {
        answers.push(password(service, &format!("name-{name}@example.com"), "wrong").await);
    }
    answers
}

fn refused(answer: &Answer) -> bool {
    answer.status == 429
}

#[tokio::test]
async fn of_four_hundred_names_tried_once_from_one_network_a_hundred_are_compared() {
    let service = Service::start().await;
    let answers = spray(&service, 0..400).await;
    let compared = answers.iter().filter(|answer| !refused(answer)).count();
    assert_eq!(compared, MOST);
    let last = answers.last().unwrap();
    assert_eq!(last.number_header("retry-after"), 9);
    // Nobody is notified, so the sentence differs from that of a locked account.
    last.is_refused(
        429,
        "too_many_attempts",
        "We have detected suspicious login behavior and further attempts will be blocked. \
         Please contact the administrator.",
    );
    // A hundred guesses more in the next fifteen minutes, and all hundred at once after
    // that.
    service.advance(9);
    assert!(!refused(&spray(&service, 400..401).await[0]));
    assert!(refused(&spray(&service, 401..402).await[0]));
    service.advance(900);
    assert!(!spray(&service, 500..600).await.iter().any(refused));
    assert!(refused(&spray(&service, 600..601).await[0]));
}

#[tokio::test]
async fn every_way_to_show_a_password_is_charged_to_the_network_and_refused_by_it() {
    let service = Service::start().await;
    let tokens = service.administrator().await;
    let access = tokens.text("access_token");
    let change = json!({ "currentPassword": "wrong", "newPassword": "seven brown foxes at dusk" });
    let change_path = "/api/account/my-profile/change-password";
    let check = json!({ "userNameOrEmailAddress": "x@example.com", "password": "wrong" });
    let first = json!({ "email": "y@example.com", "password": "wrong", "clientURI": "http://localhost:4200/" });
    // Each guess counts.
    password(&service, "z@example.com", "wrong").await;
    let abp = service.sign_in("v@example.com", "wrong").await;
    assert_eq!(abp.status, 400, "{}", abp.raw);
    service
        .aidbox_password("w@example.com", "wrong", &json!({}))
        .await;
    service.post_json("/api/account/login", &check).await;
    service.post_json("/api/accounts/login", &first).await;
    let wrong = service.post_as(Some(&access), change_path, &change).await;
    assert_eq!(wrong.status, 403, "{}", wrong.raw);
    let answers = spray(&service, 0..MOST - 6).await;
    assert!(!answers.iter().any(refused));
    // Each guess is refused.
    assert!(refused(&password(&service, "z@example.com", "wrong").await));
    assert_ne!(service.sign_in("v@example.com", "wrong").await.raw, abp.raw);
    let body = json!({});
    assert!(refused(
        &service
            .aidbox_password("w@example.com", "wrong", &body)
            .await
    ));
    let checked = service.post_json("/api/account/login", &check).await;
    assert!(
        refused(&checked) || checked.body["result"] == 4,
        "{}",
        checked.raw
    );
    let begun = service.post_json("/api/accounts/login", &first).await;
    assert_ne!(begun.status, 200, "{}", begun.raw);
    assert!(begun.number_header("retry-after") > 0, "{}", begun.raw);
}

#[tokio::test]
async fn right_passwords_do_not_count_so_an_office_behind_one_address_works() {
    let service = Service::start().await;
    spray(&service, 0..MOST - 1).await;
    for _ in 0..3 {
        let answer = password(&service, demo::USER, demo::PASSWORD_OF_ALL).await;
        assert_eq!(answer.body["error"], "mfa_required", "{}", answer.raw);
    }
}

#[tokio::test]
async fn a_colleague_who_has_signed_in_here_signs_in_while_another_tries_every_name() {
    let service = Service::start().await;
    let token = service.begin().await;
    let done = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    spray(&service, 0..MOST).await;
    let owner = password(&service, demo::USER, demo::PASSWORD_OF_ALL).await;
    assert_eq!(owner.body["error"], "mfa_required", "{}", owner.raw);
}

#[tokio::test]
async fn an_exhausted_network_costs_one_read_and_no_hash() {
    let counted = Counted::start().await;
    spray(&counted.service, 0..MOST).await;
    let refused = password(&counted.service, "one-more@example.com", "wrong");
    assert_eq!(counted.cost(429, refused).await.1, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_once_pass_the_limit_by_no_more_than_are_in_flight_and_pay_for_it_later() {
    let service = Arc::new(Service::start().await);
    spray(&service, 0..MOST - 1).await;
    let in_flight = 30;
    let answers = at_once(in_flight, |number| {
        let service = service.clone();
        async move { password(&service, &format!("at-once-{number}"), "wrong").await }
    })
    .await;
    let compared = answers.iter().filter(|answer| !refused(answer)).count();
    assert!((1..=in_flight).contains(&compared), "{compared}");
    // Every compared guess was counted, so the next guess waits for all of them.
    let over = i64::try_from(compared).unwrap() - 1;
    service.advance(9 * over);
    assert!(refused(
        &password(&service, "next@example.com", "wrong").await
    ));
    service.advance(9);
    assert!(!refused(
        &password(&service, "next@example.com", "wrong").await
    ));
}
