//! A signed-in user adds, lists and removes passkeys.

use axum::http::Method;
use countersign_local::demo;
use serde_json::json;

use super::authenticator::{
    Authenticator, DOMAIN, begin, enrol, enrolled, my_token, sign_in_with, start_with, verify,
};
use crate::dialects::auth0::factors::my_account::{METHODS, call, place_of, url_of};
use crate::harness::Service;

#[tokio::test]
async fn a_user_adds_lists_and_removes_a_passkey() {
    let service = start_with(&[]).await;
    let token = my_token(&service, demo::PLAIN_USER).await;
    let begun = begin(&service, &token).await;
    assert_eq!(begun.status, 202, "{}", begun.raw);
    let place = url_of("passkey|new");
    assert_eq!(begun.header("location"), Some(&*place));
    let asked = &begun.body["authn_params_public_key"];
    assert_eq!(asked["rp"]["id"], DOMAIN.1);
    assert_eq!(asked["user"]["name"], demo::PLAIN_USER);
    assert_eq!(asked["authenticatorSelection"]["residentKey"], "required");
    let algorithms =
        json!([{ "type": "public-key", "alg": -7 }, { "type": "public-key", "alg": -257 }]);
    assert_eq!(asked["pubKeyCredParams"], algorithms);
    let mut authenticator = Authenticator::new();
    let response = authenticator.create(asked);
    let verified = verify(&service, &begun, response, &token).await;
    assert_eq!(verified.status, 201, "{}", verified.raw);
    assert_eq!(verified.body["type"], "passkey");
    assert_eq!(verified.body["credential_device_type"], "single_device");
    let id = verified.text("id");
    assert_eq!(verified.header("location"), Some(&*url_of(&id)));
    let notice = service.messages().first().unwrap().text.clone();
    assert!(notice.contains("A passkey was added"), "{notice}");
    // The session that made the change goes on.
    let passkeys = format!("{METHODS}?type=passkey");
    let listed = service.get(&passkeys, Some(&token)).await;
    assert_eq!(
        listed.body["authentication_methods"],
        json!([verified.body])
    );
    // The password demands nothing more than before.
    let again = my_token(&service, demo::PLAIN_USER).await;
    let removed = call(&service, Method::DELETE, &place_of(&id), None, &again).await;
    assert_eq!(removed.status, 401, "{}", removed.raw);
    let tokens = sign_in_with(&service, &mut authenticator).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn a_new_passkey_works_once_in_its_session_and_ends_with_each_change() {
    let service = start_with(&[]).await;
    let token = my_token(&service, demo::PLAIN_USER).await;
    let another = my_token(&service, demo::PLAIN_USER).await;
    let begun = begin(&service, &token).await;
    let asked = begun.body["authn_params_public_key"].clone();
    let response = Authenticator::new().create(&asked);
    let answer = verify(&service, &begun, response.clone(), &another).await;
    assert_eq!(answer.status, 403, "{}", answer.raw);
    let uses = (0..20).map(|_| verify(&service, &begun, response.clone(), &token));
    let answers = futures_util::future::join_all(uses).await;
    let right = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(right, 1);
    let account = service.account(demo::PLAIN_USER).await;
    assert_eq!(account.passkeys().count(), 1);
    // A stranger's user, and a token that is too old.
    service
        .add_user("eve@example.com", |account| account.user.two_factor = false)
        .await;
    let eve = my_token(&service, "eve@example.com").await;
    let response = Authenticator::new().create(&asked);
    let answer = verify(&service, &begun, response, &eve).await;
    assert_eq!(answer.text("type"), "invalid_request", "{}", answer.raw);
    let begun = begin(&service, &eve).await;
    let response = Authenticator::new().create(&begun.body["authn_params_public_key"]);
    service.advance(300);
    let answer = verify(&service, &begun, response, &eve).await;
    assert_ne!(answer.status, 201, "{}", answer.raw);
}

#[tokio::test]
async fn a_user_whose_address_is_not_confirmed_adds_no_passkey() {
    let changes = [
        ("COUNTERSIGN_CONFIRMATION_REQUIRED", "none"),
        ("COUNTERSIGN_UNCONFIRMED_ENROLLMENT", "allowed"),
    ];
    let service = start_with(&changes).await;
    service
        .add_user("eve@example.com", |account| {
            account.user.two_factor = false;
            account.user.email_confirmed = false;
        })
        .await;
    let token = my_token(&service, "eve@example.com").await;
    let answer = begin(&service, &token).await;
    assert_eq!(answer.status, 403, "{}", answer.raw);
}

#[tokio::test]
async fn a_user_has_several_passkeys_under_one_handle() {
    let service = start_with(&[]).await;
    let mut first = enrolled(&service).await;
    let tokens = sign_in_with(&service, &mut first).await;
    assert_eq!(tokens.status, 200);
    let mut eve = Authenticator::new();
    service
        .add_user("eve@example.com", |account| account.user.two_factor = false)
        .await;
    enrol(&service, "eve@example.com", &mut eve).await;
    assert_ne!(eve.handle, first.handle);
    assert_eq!(sign_in_with(&service, &mut first).await.status, 200);
}

#[tokio::test]
async fn a_passkey_in_place_of_the_password_demands_no_second_factor() {
    let service = start_with(&[]).await;
    enrolled(&service).await;
    let account = service.account(demo::PLAIN_USER).await;
    assert!(account.active_factors().next().is_none());
    assert!(!account.has_factor());
}

#[tokio::test]
async fn without_a_domain_the_type_is_unknown() {
    let service = Service::start().await;
    crate::dialects::auth0::factors::my_account::add_client(&service).await;
    let token = crate::dialects::auth0::factors::my_account::token_of(
        &service,
        crate::dialects::auth0::factors::my_account::SCOPES,
    );
    let answer = begin(&service, &token.await).await;
    assert_eq!(answer.status, 400, "{}", answer.raw);
}
