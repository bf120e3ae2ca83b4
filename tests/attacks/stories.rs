//! What an attacker tries who has read ARCHITECTURE.md and the clients' documents, and
//! has only an address to send from. Each story is told over HTTP, from the first
//! request to what the victim sees.

use std::net::{IpAddr, Ipv4Addr};

use axum::body::Body;
use axum::http::{Request, header};
use countersign::wire::input::SourceAddress;
use countersign_local::demo;
use serde_json::json;

use crate::attacks::unowned_accounts::for_mfa;
use crate::dialects::abp::login::password::{begin as abp_password, connect, verify};
use crate::dialects::abp::login::refusals::{Emailed, emailed};
use crate::dialects::codemaze::login::password_and_code::{
    begin as codemaze_password, second_step,
};
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD};
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

// ---- Who pays for a message ----------------------------------------------------

/// Mallory asks for a factor at this address or number, from this network.
async fn enrol(service: &Service, from: IpAddr, bearer: &str, channel: &str, to: &str) -> u16 {
    let field = match channel {
        "sms" => "phone_number",
        _ => "email",
    };
    let body = json!({ "authenticator_types": ["oob"], "oob_channels": [channel], field: to });
    let request = Request::post("/mfa/associate")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {bearer}"))
        .extension(SourceAddress(from))
        .body(Body::from(body.to_string()));
    service.send(request.unwrap()).await.status
}

/// Mallory's own account, whose address is confirmed: an access token that may enrol.
async fn mallory(service: &Service) -> String {
    service.registered_and_confirmed().await;
    let answer = for_mfa(service, EMAIL, PASSWORD).await;
    answer.text("access_token")
}

/// How many messages came here.
fn received(service: &Service, to: &str) -> usize {
    let messages = service.messages();
    messages.iter().filter(|message| message.to == to).count()
}

#[tokio::test]
async fn mallory_enrols_the_owners_address_and_the_owners_code_still_comes() {
    let service = Service::start().await;
    let bearer = mallory(&service).await;
    let begun = password(&service, ADDRESS, demo::USER, demo::PASSWORD_OF_ALL).await;
    let token = begun.text("mfa_token");
    // In the owner's letters and in others: both are one mailbox.
    for at in 1..=20 {
        enrol(&service, network(at), &bearer, "email", demo::USER).await;
        let shouted = demo::USER.to_uppercase();
        enrol(&service, network(at), &bearer, "email", &shouted).await;
        service.advance(1);
    }
    let mallorys = received(&service, demo::USER) + received(&service, &demo::USER.to_uppercase());
    assert!((1..=10).contains(&mallorys), "{mallorys}");
    let sent = service.challenge(&token, "email").await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let oob = sent.text("oob_code");
    let owner = service
        .redeem_oob(&token, &oob, &service.newest_code())
        .await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
}

#[tokio::test]
async fn mallory_wants_three_hundred_texts_sent_to_three_hundred_numbers_and_the_day_has_ten() {
    let service = Service::start().await;
    let bearer = mallory(&service).await;
    let before = service.messages().len();
    for at in 0..300_u16 {
        let from = network(u8::try_from(at % 250).unwrap());
        let to = format!("+1555555{:04}", 3000 + at);
        enrol(&service, from, &bearer, "sms", &to).await;
    }
    // The link to Mallory's own address was sent before the address was confirmed, so
    // it counts apart.
    assert_eq!(service.messages().len() - before, 10);
}

#[tokio::test]
async fn mallory_asks_for_resets_from_many_networks_and_the_mailbox_gets_few() {
    let service = Service::start().await;
    for at in 1..=100 {
        let body = json!({ "email": demo::USER, "appName": "Angular" });
        let path = "/api/account/send-password-reset-code";
        let said = service.post_from(network(at), path, &body).await;
        assert_eq!(said.status, 204, "{}", said.raw);
    }
    let resets = received(&service, demo::USER);
    assert!((1..=25).contains(&resets), "{resets}");
}

// ---- Who can keep an owner out -------------------------------------------------

#[tokio::test]
async fn mallory_locks_the_name_from_ten_networks_and_the_owner_does_not_notice() {
    let service = Service::start().await;
    let first = owner_signs_in(&service, demo::PASSWORD_OF_ALL).await;
    assert_eq!(first.status, 200, "{}", first.raw);
    // A hundred guesses in a row. From now on, the name must wait.
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
    // With only the password, from a network that never completed a login.
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
    // Other users are not affected.
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

    // The same story in ABP's dialect, between the owner's verify and the tokens.
    let Emailed { user, token, code } = emailed(&service).await;
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

// ---- Whose account it is -------------------------------------------------------

#[tokio::test]
async fn mallory_signs_up_with_the_owners_address_and_the_owner_finds_nothing_of_mallorys() {
    let service = Service::start().await;
    service.registered().await;
    let access = for_mfa(&service, EMAIL, PASSWORD).await;
    let access = access.text("access_token");
    let app = json!({ "authenticator_types": ["otp"] });
    let refused = service.associate(&access, &app).await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
    // The owner takes over the account through the mailbox.
    service.advance(31);
    let user = service.account(EMAIL).await.user.id.dashed();
    let token = service.reset_token(EMAIL).await;
    let reset = service.reset(&user, &token, NEW_PASSWORD).await;
    assert_eq!(reset.status, 204, "{}", reset.raw);
    let owner = for_mfa(&service, EMAIL, NEW_PASSWORD).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
    // Mallory's session and password have ended.
    let late = service.associate(&access, &app).await;
    assert_eq!(late.status, 401, "{}", late.raw);
    assert_eq!(for_mfa(&service, EMAIL, PASSWORD).await.status, 403);
}

#[tokio::test]
async fn where_a_trial_lets_mallory_enrol_under_the_owners_address_a_reset_takes_the_app_away() {
    let trial = [("COUNTERSIGN_UNCONFIRMED_ENROLLMENT", "allowed")];
    let service = Service::start_with(&trial).await;
    service.registered().await;
    let access = for_mfa(&service, EMAIL, PASSWORD).await;
    let access = access.text("access_token");
    let seed = service.associate_app(&access).await;
    let done = service.redeem_otp(&access, &service.app_code(&seed)).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let account = service.account(EMAIL).await;
    assert!(account.recovery.is_some() && !account.user.email_confirmed);
    let user = account.user.id.dashed();
    let token = service.reset_token(EMAIL).await;
    let reset = service.reset(&user, &token, NEW_PASSWORD).await;
    assert_eq!(reset.status, 204, "{}", reset.raw);
    let account = service.account(EMAIL).await;
    assert!(account.factors.is_empty() && account.recovery.is_none());
    let owner = for_mfa(&service, EMAIL, NEW_PASSWORD).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
}
