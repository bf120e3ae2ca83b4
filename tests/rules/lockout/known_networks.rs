//! Strangers who guess passwords make the name wait. The owner does not wait on a
//! network that has completed a login of the name before.

use std::net::{IpAddr, Ipv4Addr};

use countersign_local::demo;
use serde_json::json;

use crate::harness::{ADDRESS, Answer, Service};

const DAY: i64 = 86_400;

fn stranger(number: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, number))
}

async fn password_from(service: &Service, from: IpAddr, name: &str, password: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", name),
        ("password", password),
    ];
    service.post_form_from(from, "/oauth/token", &fields).await
}

async fn right_from(service: &Service, from: IpAddr) -> Answer {
    password_from(service, from, demo::USER, demo::PASSWORD_OF_ALL).await
}

fn was_right(answer: &Answer) -> bool {
    answer.status == 403 && answer.body["error"] == "mfa_required"
}

/// Sends ten wrong passwords from each of ten networks, and one more. Then the name
/// must wait.
async fn strangers_lock_the_name(service: &Service) {
    for network in 1..=10 {
        for _ in 0..10 {
            password_from(service, stranger(network), demo::USER, "wrong").await;
        }
    }
    let refused = right_from(service, stranger(99)).await;
    assert_eq!(refused.status, 429, "{}", refused.raw);
}

/// A whole login of the demo user, from the usual network.
async fn sign_in(service: &Service) {
    let token = service.begin().await;
    let done = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    service.advance(30);
}

#[tokio::test]
async fn an_owner_signs_in_from_home_while_strangers_hold_the_name_locked() {
    let service = Service::start().await;
    sign_in(&service).await;
    service.advance(29 * DAY);
    strangers_lock_the_name(&service).await;
    // A guess at every moment that the name allows one keeps the others waiting.
    for _ in 0..3 {
        assert!(was_right(&right_from(&service, ADDRESS).await));
        service.advance(3600);
        strangers_lock_the_name(&service).await;
    }
    sign_in(&service).await;
}

#[tokio::test]
async fn the_wait_of_a_name_does_not_tell_strangers_that_its_owner_signs_in_at_home() {
    let service = Service::start().await;
    sign_in(&service).await;
    strangers_lock_the_name(&service).await;
    let token = service.begin().await;
    let done = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let guess = password_from(&service, stranger(98), demo::USER, "wrong").await;
    assert_eq!(guess.status, 429, "{}", guess.raw);
    // The wait keeps doubling, as for an unknown name.
    service.advance(30);
    password_from(&service, stranger(97), demo::USER, "wrong").await;
    sign_in(&service).await;
    let guess = password_from(&service, stranger(96), demo::USER, "wrong").await;
    assert_eq!(guess.status, 429, "{}", guess.raw);
}

#[tokio::test]
async fn an_owner_elsewhere_and_one_who_last_came_a_month_ago_wait_like_strangers() {
    let service = Service::start().await;
    sign_in(&service).await;
    service.advance(30 * DAY);
    strangers_lock_the_name(&service).await;
    assert_eq!(right_from(&service, ADDRESS).await.status, 429);
}

#[tokio::test]
async fn the_password_alone_earns_no_exemption() {
    let service = Service::start().await;
    for _ in 0..3 {
        assert!(was_right(&right_from(&service, ADDRESS).await));
    }
    let token = service.begin().await;
    let verified = service.verify(&token, &service.totp()).await;
    assert_eq!(verified.status, 200, "{}", verified.raw);
    strangers_lock_the_name(&service).await;
    assert_eq!(right_from(&service, ADDRESS).await.status, 429);
}

#[tokio::test]
async fn a_login_completed_elsewhere_in_any_words_makes_the_network_of_its_password_known() {
    let service = Service::start().await;
    // CodeMaze's second step comes from another network than its password.
    let body = json!({
        "email": demo::USER,
        "password": demo::PASSWORD_OF_ALL,
        "clientURI": "http://localhost:4200/authentication/forgotpassword",
    });
    service
        .post_from(stranger(200), "/api/accounts/login", &body)
        .await;
    let step = json!({ "email": demo::USER, "provider": "Email", "token": service.newest_code() });
    let path = "/api/accounts/twostepverification";
    let done = service.post_from(stranger(201), path, &step).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    // Password and code in one request.
    let code = service.totp();
    let body = json!({
        "client_id": demo::CLIENT,
        "grant_type": "password",
        "username": demo::USER,
        "password": demo::PASSWORD_OF_ALL,
    });
    let begun = service
        .post_from(stranger(202), "/oauth/token", &body)
        .await;
    let token = begun.text("mfa_token");
    let done = service.redeem_otp(&token, &code).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    strangers_lock_the_name(&service).await;
    for (from, known) in [(200, true), (201, false), (202, true)] {
        let answer = right_from(&service, stranger(from)).await;
        assert_eq!(was_right(&answer), known, "{from}: {}", answer.raw);
        // A right password opens the name.
        service.advance(900);
        strangers_lock_the_name(&service).await;
    }
}

#[tokio::test]
async fn a_refresh_makes_no_network_known() {
    let service = Service::start().await;
    let token = service.begin().await;
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::CLIENT),
        ("refresh_token", &tokens.text("refresh_token")),
    ];
    let refreshed = service
        .post_form_from(stranger(200), "/oauth/token", &fields)
        .await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
    strangers_lock_the_name(&service).await;
    assert_eq!(right_from(&service, stranger(200)).await.status, 429);
}

#[tokio::test]
async fn a_user_without_a_second_factor_is_known_by_the_password() {
    let service = Service::start().await;
    for (scope, from) in [("openid", 200), ("openid offline_access", 201)] {
        let fields = [
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("username", demo::PLAIN_USER),
            ("password", demo::PASSWORD_OF_ALL),
            ("scope", scope),
        ];
        let from = stranger(from);
        let path = "/oauth/token";
        let done = service.post_form_from(from, path, &fields).await;
        assert_eq!(done.status, 200, "{}", done.raw);
        for network in 1..=11 {
            for _ in 0..10 {
                let wrong = "wrong";
                password_from(&service, stranger(network), demo::PLAIN_USER, wrong).await;
            }
        }
        let done = service.post_form_from(from, path, &fields).await;
        assert_eq!(done.status, 200, "{scope}: {}", done.raw);
        service.advance(DAY);
    }
}

#[tokio::test]
async fn after_a_hundred_wrong_passwords_in_a_row_a_known_network_waits_with_the_others() {
    let service = Service::start().await;
    sign_in(&service).await;
    for guess in 1..=100 {
        let wrong = password_from(&service, ADDRESS, demo::USER, "wrong").await;
        assert_eq!(wrong.status, 403, "guess {guess}: {}", wrong.raw);
        if guess % 10 == 0 {
            service.advance(900);
        }
    }
    strangers_lock_the_name(&service).await;
    let refused = right_from(&service, ADDRESS).await;
    assert_eq!(refused.status, 429, "{}", refused.raw);
    // The network's own budget is as small as before.
    service.advance(DAY);
    sign_in(&service).await;
    for _ in 0..10 {
        password_from(&service, ADDRESS, demo::USER, "wrong").await;
    }
    assert_eq!(right_from(&service, ADDRESS).await.status, 429);
}

#[tokio::test]
async fn a_name_that_nobody_has_waits_everywhere_alike() {
    let service = Service::start().await;
    for network in 1..=10 {
        for _ in 0..10 {
            password_from(&service, stranger(network), "nobody@example.com", "wrong").await;
        }
    }
    let refused = password_from(&service, ADDRESS, "nobody@example.com", "wrong").await;
    assert_eq!(refused.status, 429, "{}", refused.raw);
}
