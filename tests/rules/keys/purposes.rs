//! Which function may open which data keys, and for what.

use countersign::routes::Function;
use countersign::store::StoredKey;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::codemaze::login::password_and_code::login;
use crate::faults::aws::{count, is_unavailable, others_behind_proxy};
use crate::harness::{START, Service, totp_factor};
use crate::rules::keys::rotation::{delete_key, key_set};

#[tokio::test]
async fn each_function_does_its_part_with_the_data_keys_that_it_may_open() {
    let (mut service, proxy) = others_behind_proxy().await;
    let run = |service: &mut Service, function| {
        service.take(service.restarted_as(function, &[]));
        proxy.take_seen();
    };
    let opened = || count(&proxy.take_seen(), "Decrypt");
    run(&mut service, Function::Token);
    let token = service.begin().await;
    assert_eq!(opened(), 3);
    run(&mut service, Function::SendCode);
    let challenge = service.challenge(&token, "email").await;
    assert_eq!(challenge.status, 200, "{}", challenge.raw);
    assert_eq!(opened(), 1);
    run(&mut service, Function::Verify);
    let verified = service.verify(&token, &service.newest_code()).await;
    assert_eq!(verified.status, 200, "{}", verified.raw);
    assert_eq!(opened(), 2);
    run(&mut service, Function::Keys);
    key_set(&service).await;
    assert_eq!(opened(), 0);
    run(&mut service, Function::Token);
    let answer = service.redeem_otp(&token, "").await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn the_function_account_completes_codemazes_login_with_an_app() {
    let mut service = Service::start().await;
    let email = "none@example.com";
    let user = service.add_user(email, |_| {}).await;
    let app = totp_factor(&service.app, user, demo::SEED, true).await;
    service.add_factor(user, &app).await;
    service.take(service.restarted_as(Function::Account, &[]));
    let begun = login(&service, email, demo::PASSWORD_OF_ALL).await;
    assert_eq!(begun.body["provider"], "Authenticator", "{}", begun.raw);
    let code = service.totp();
    let body = json!({ "email": email, "provider": "Authenticator", "token": code });
    let path = "/api/accounts/twostepverification";
    let answer = service.post_json(path, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn a_data_key_opens_for_its_own_purpose_and_installation_only() {
    let mut service = Service::start().await;
    service.begin().await;
    service.take(service.restarted_with(&[("COUNTERSIGN_STACK", "another")]));
    is_unavailable(&service.password("openid").await);

    let stored = service.app.store.read_keys().await.unwrap();
    let seeds = stored.into_iter().find_map(|key| match key {
        StoredKey::Data {
            purpose, wrapped, ..
        } if purpose == "seeds" => Some(wrapped),
        _ => None,
    });
    delete_key(&service, "tokens-1").await;
    let swapped = StoredKey::Data {
        purpose: "tokens".to_owned(),
        number: 1,
        created_at: START,
        wrapped: seeds.unwrap(),
    };
    assert!(service.app.store.add_key(&swapped).await.unwrap());
    service.take(service.restarted());
    is_unavailable(&service.password("openid").await);
}

#[tokio::test]
async fn a_first_signing_key_made_by_a_clock_that_is_ahead_signs_at_once() {
    let mut service = Service::start().await;
    service.advance(-2);
    service.take(service.restarted());
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}
