//! The cost of proofs of a key (DPoP, RFC 9449): requests to DynamoDB.

use axum::http::Method;
use countersign_local::demo;

use crate::attacks::auth0::replayed_proofs::REFUSED;
use crate::dialects::auth0::sessions::trusted_devices::{ON, Phone};
use crate::dialects::oauth::sessions::key_holder::{KeyHolder, plain_password};
use crate::rules::requests::login::Counted;

#[tokio::test]
async fn a_login_a_refresh_and_userinfo_cost_no_request_more_with_proofs() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let holder = KeyHolder::new();
    let token = (Method::POST, "/oauth/token");
    // The first password of a name also reads which hashes were imported.
    let fields = plain_password();
    service.post_form("/oauth/token", &fields).await;
    let plain = service.post_form("/oauth/token", &fields);
    let (plain, plain_login) = counted.cost(200, plain).await;
    let (bound, bound_login) = counted.cost(200, service.token_of(&holder, &fields)).await;
    assert_eq!(bound_login, plain_login);
    let proof = holder.proof(service, token, None);
    let (plain, bound) = (plain.text("refresh_token"), bound.text("refresh_token"));
    let (plain, plain_refresh) = counted.cost(200, service.refresh(&plain)).await;
    let refreshed = service.refresh_with_proof(&bound, Some(&proof));
    let (bound, bound_refresh) = counted.cost(200, refreshed).await;
    assert_eq!(bound_refresh, plain_refresh);
    let (plain, bound) = (plain.text("access_token"), bound.text("access_token"));
    let (_, plain_look) = counted
        .cost(200, service.get("/userinfo", Some(&plain)))
        .await;
    let proof = holder.proof(service, (Method::GET, "/userinfo"), Some(&bound));
    let shown = format!("DPoP {bound}");
    let looked = service.get_with_proof("/userinfo", &shown, Some(&proof));
    assert_eq!(counted.cost(200, looked).await.1, plain_look);
}

#[tokio::test]
async fn a_second_factor_costs_no_request_more_with_proofs_and_a_wrong_proof_costs_none() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let holder = KeyHolder::new();
    let password = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "openid offline_access"),
    ];
    let plain = service.post_form("/oauth/token", &password);
    let (plain, plain_cost) = counted.cost(403, plain).await;
    let bound = service.token_of(&holder, &password);
    let (bound, bound_cost) = counted.cost(403, bound).await;
    assert_eq!(bound_cost, plain_cost);
    let (plain, bound) = (plain.text("mfa_token"), bound.text("mfa_token"));
    let code = service.totp();
    let plain = service.redeem_otp(&plain, &code);
    let (_, plain_cost) = counted.cost(200, plain).await;
    service.advance(30);
    let code = service.totp();
    let show = [
        ("grant_type", "http://auth0.com/oauth/grant-type/mfa-otp"),
        ("client_id", demo::CLIENT),
        ("mfa_token", bound.as_str()),
        ("otp", code.as_str()),
    ];
    let (_, bound_cost) = counted.cost(200, service.token_of(&holder, &show)).await;
    assert_eq!(bound_cost, plain_cost);
    let wrong = service.post_with_proof("/oauth/token", Some("a.b.c"), &password);
    assert_eq!(counted.cost(400, wrong).await.1, 0);
}

#[tokio::test]
async fn remembering_costs_the_two_requests_of_the_notice_and_a_login_on_a_trusted_device_five() {
    let counted = Counted::start_with(&ON).await;
    let service = &counted.service;
    let phone = Phone::new();
    let (needed, password) = counted.cost(403, phone.sign_in(service)).await;
    // The read of a device that is not there.
    assert_eq!(password, 6);
    let token = needed.text("mfa_token");
    let shown = phone.show(service, &token, &[]);
    let (_, remembered) = counted.cost(200, shown).await;
    let plain = service.begin().await;
    service.advance(30);
    let code = service.totp();
    let (_, forgotten) = counted.cost(200, service.redeem_otp(&plain, &code)).await;
    // The notice reads the mailboxes and charges their budgets.
    assert_eq!(remembered, forgotten + 2);
    let (_, on_device) = counted.cost(200, phone.sign_in(service)).await;
    assert_eq!(on_device, 5);
    // From a known network a login counts one guess. Without a proof it reads no device.
    let fields = phone.fields();
    let bare = service.post_form("/oauth/token", &fields);
    assert_eq!(counted.cost(403, bare).await.1, 4);
    let other = Phone::new().sign_in(service).await;
    assert_eq!(other.text("error"), "mfa_required");
}

#[tokio::test]
async fn where_proofs_are_remembered_each_costs_one_request_more_and_a_wrong_proof_costs_none() {
    let counted = Counted::start_with(&REFUSED).await;
    let service = &counted.service;
    let holder = KeyHolder::new();
    let fields = plain_password();
    service.post_form("/oauth/token", &fields).await;
    let plain = service.post_form("/oauth/token", &fields);
    let (_, plain_cost) = counted.cost(200, plain).await;
    let (bound, bound_cost) = counted.cost(200, service.token_of(&holder, &fields)).await;
    assert_eq!(bound_cost, plain_cost + 1);
    let token = bound.text("access_token");
    let shown = format!("DPoP {token}");
    let tokens = service.post_form("/oauth/token", &fields).await;
    let plain = tokens.text("access_token");
    let plain_look = counted.cost(200, service.get("/userinfo", Some(&plain)));
    let (_, plain_look) = plain_look.await;
    let proof = holder.proof(service, (Method::GET, "/userinfo"), Some(&token));
    let looked = service.get_with_proof("/userinfo", &shown, Some(&proof));
    assert_eq!(counted.cost(200, looked).await.1, plain_look + 1);
    let wrong = service.post_with_proof("/oauth/token", Some("a.b.c"), &fields);
    assert_eq!(counted.cost(400, wrong).await.1, 0);
}
