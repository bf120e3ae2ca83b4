//! What somebody tries who has read ARCHITECTURE.md and the clients' documents,
//! and has no more than an address to send from. Each story is told over HTTP,
//! from the first request to what its victim sees.

use std::net::{IpAddr, Ipv4Addr};

use countersign_local::demo;
use serde_json::json;

use crate::abp_login::{begin as abp_password, connect, verify};
use crate::abp_refusals::emailed;
use crate::aspnet_login::{begin as codemaze_password, second_step};
use crate::harness::account::NEW_PASSWORD;
use crate::harness::{ADDRESS, Answer, Service};

fn network(number: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, number))
}

async fn password(service: &Service, from: IpAddr, name: &str, password: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", name),
        ("password", password),
    ];
    service.post_form_from(from, "/oauth/token", &fields).await
}

/// The owner signs in from home: password, then the app's code.
async fn owner_signs_in(service: &Service, secret: &str) -> Answer {
    let begun = password(service, ADDRESS, demo::USER, secret).await;
    assert_eq!(begun.body["error"], "mfa_required", "{}", begun.raw);
    let token = begun.text("mfa_token");
    let done = service.redeem_otp(&token, &service.totp()).await;
    service.advance(30);
    done
}

// ---- Who can keep an owner out -------------------------------------------------

#[tokio::test]
async fn mallory_locks_the_name_from_ten_networks_and_the_owner_does_not_notice() {
    let service = Service::start().await;
    let first = owner_signs_in(&service, demo::PASSWORD_OF_ALL).await;
    assert_eq!(first.status, 200, "{}", first.raw);
    // A hundred guesses in a row: from now on the name waits.
    for number in 1..=10 {
        for _ in 0..10 {
            password(&service, network(number), demo::USER, "a guess").await;
        }
    }
    let mallory = password(&service, network(11), demo::USER, "a guess").await;
    assert_eq!(mallory.status, 429, "{}", mallory.raw);
    let owner = owner_signs_in(&service, demo::PASSWORD_OF_ALL).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
}

#[tokio::test]
async fn mallory_has_learned_the_password_and_is_no_owner_by_it() {
    let service = Service::start().await;
    // With the password alone, from a network that never completed a login.
    let begun = password(&service, network(1), demo::USER, demo::PASSWORD_OF_ALL).await;
    assert_eq!(begun.body["error"], "mfa_required");
    for number in 2..=11 {
        for _ in 0..10 {
            password(&service, network(number), demo::USER, "a guess").await;
        }
    }
    let again = password(&service, network(1), demo::USER, demo::PASSWORD_OF_ALL).await;
    assert_eq!(again.status, 429, "{}", again.raw);
}

#[tokio::test]
async fn mallory_sprays_one_password_over_many_names_and_is_stopped_at_a_hundred() {
    let service = Service::start().await;
    let mut compared = 0;
    for number in 0..130 {
        let name = format!("person-{number}@example.com");
        let answer = password(&service, network(1), &name, "Summer2026!").await;
        compared += usize::from(answer.status != 429);
    }
    assert_eq!(compared, 100);
    // Nobody else is stopped by it.
    let owner = owner_signs_in(&service, demo::PASSWORD_OF_ALL).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
}

#[tokio::test]
async fn mallory_has_the_password_and_begins_login_after_login_to_hide_the_owners() {
    let service = Service::start().await;
    let code = codemaze_password(&service).await;
    for _ in 0..25 {
        password(&service, network(1), demo::USER, demo::PASSWORD_OF_ALL).await;
        let body = json!({
            "email": demo::USER,
            "password": demo::PASSWORD_OF_ALL,
            "clientURI": "http://localhost:4200/authentication/forgotpassword",
        });
        service
            .post_from(network(1), "/api/accounts/login", &body)
            .await;
    }
    let owner = second_step(&service, demo::USER, &code).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);

    // The same in ABP's words, between the owner's verify and the tokens.
    let (user, token, code) = emailed(&service).await;
    let verified = verify(&service, &user, Some(&token), "Email", &code).await;
    assert_eq!(verified.raw, "true");
    for _ in 0..25 {
        abp_password(&service).await;
    }
    let beside = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    let owner = connect(&service, &beside).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
}

#[tokio::test]
async fn mallory_closes_the_codes_with_a_stolen_password_and_a_reset_opens_them() {
    let service = Service::start().await;
    for round in 0..50 {
        let begun = password(&service, network(1), demo::USER, demo::PASSWORD_OF_ALL).await;
        let token = begun.text("mfa_token");
        for _ in 0..2 {
            let wrong = service.redeem_otp(&token, "000000").await;
            assert_ne!(wrong.status, 200, "round {round}");
        }
        service.advance(720);
    }
    let closed = owner_signs_in(&service, demo::PASSWORD_OF_ALL).await;
    assert_eq!(closed.status, 429, "{}", closed.raw);
    let user = service.account(demo::USER).await.user.id.to_string();
    let token = service.reset_token(demo::USER).await;
    let reset = service.reset(&user, &token, NEW_PASSWORD).await;
    assert_eq!(reset.status, 204, "{}", reset.raw);
    let owner = owner_signs_in(&service, NEW_PASSWORD).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
}

#[tokio::test]
async fn the_owner_tries_poor_new_passwords_and_is_not_taken_for_mallory() {
    let service = Service::start().await;
    let access = service.administrator().await.text("access_token");
    for _ in 0..12 {
        let body = json!({ "currentPassword": demo::ABP_PASSWORD, "newPassword": "password1" });
        let path = "/api/account/my-profile/change-password";
        let refused = service.post_as(Some(&access), path, &body).await;
        assert_eq!(refused.status, 403, "{}", refused.raw);
    }
    let begun = connect(&service, &[]).await;
    assert_eq!(begun.body["error_description"], "RequiresTwoFactor");
}
