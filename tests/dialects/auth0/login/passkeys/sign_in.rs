//! A passkey signs a user in.

use aws_sdk_dynamodb::types::AttributeValue;
use axum::http::Method;
use countersign::domain::factors::enrolment::RECENT_SECONDS;
use countersign::domain::factors::passkey::CHALLENGE_SECONDS;
use countersign_local::demo;
use serde_json::{Value, json};

use super::authenticator::{
    Authenticator, IS_COPIED, MAY_BE_COPIED, PRESENT, VERIFIED, challenge, demand_second_factor,
    enrol, enrolled, options, request, sign_in, sign_in_with, start_with,
};
use crate::dialects::auth0::factors::my_account::{METHODS, call, place_of};
use crate::harness::Service;

#[tokio::test]
async fn a_user_signs_in_with_a_passkey_alone() {
    let service = start_with(&[]).await;
    let mut authenticator = enrolled(&service).await;
    let challenge = challenge(&service, "mine").await;
    let asked = options(&challenge);
    assert_eq!(asked["rpId"], "localhost");
    assert_eq!(asked["userVerification"], "preferred");
    assert_eq!(asked.get("allowCredentials"), None);
    let response = authenticator.sign(asked);
    let tokens = sign_in(&service, &challenge, response).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(
        tokens.claims("access_token")["amr"],
        json!(["hwk", "user", "mfa"])
    );
    assert_eq!(tokens.claims("access_token")["acr"], "aal2");
    // The session goes on as any session.
    let refresh = json!({
        "grant_type": "refresh_token", "client_id": "mine",
        "refresh_token": tokens.text("refresh_token"),
    });
    let again = service.post_json("/oauth/token", &refresh).await;
    assert_eq!(again.status, 200, "{}", again.raw);
    assert_eq!(again.claims("access_token")["acr"], "aal2");
}

#[tokio::test]
async fn the_answer_of_the_authenticator_may_come_as_text() {
    let service = start_with(&[]).await;
    let mut authenticator = enrolled(&service).await;
    let asked = challenge(&service, "mine").await;
    let response = authenticator.sign(options(&asked)).to_string();
    let tokens = sign_in(&service, &asked, json!(response)).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    // And in a form.
    let asked = challenge(&service, "mine").await;
    let response = authenticator.sign(options(&asked));
    let body = request("mine", &asked, json!(response.to_string()));
    let fields = body.as_object().unwrap().iter();
    let fields: Vec<(&str, &str)> = fields
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let tokens = service.post_form("/oauth/token", &fields).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn a_copied_key_is_a_key_in_software() {
    let service = start_with(&[]).await;
    let mut authenticator = Authenticator::new();
    authenticator.flags |= MAY_BE_COPIED | IS_COPIED;
    enrol(&service, demo::PLAIN_USER, &mut authenticator).await;
    let tokens = sign_in_with(&service, &mut authenticator).await;
    assert_eq!(
        tokens.claims("access_token")["amr"],
        json!(["swk", "user", "mfa"])
    );
}

/// A user who shows a second factor after a password.
async fn demanding(service: &Service) -> Authenticator {
    let authenticator = enrolled(service).await;
    demand_second_factor(service, demo::PLAIN_USER).await;
    authenticator
}

#[tokio::test]
async fn a_passkey_that_has_verified_nobody_is_one_factor() {
    let service = start_with(&[]).await;
    let mut authenticator = demanding(&service).await;
    authenticator.flags = PRESENT;
    let refused = sign_in_with(&service, &mut authenticator).await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
    assert_eq!(refused.text("error"), "mfa_required");
    assert_eq!(
        refused.body["mfa_requirements"],
        json!({ "challenge": [{ "type": "email" }] })
    );
    // The second factor completes the login, and the token tells of both.
    let token = refused.text("mfa_token");
    let challenge = json!({ "client_id": "mine", "mfa_token": token, "challenge_type": "oob" });
    let sent = service.post_json("/mfa/challenge", &challenge).await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let code = json!({
        "grant_type": "http://auth0.com/oauth/grant-type/mfa-oob", "client_id": "mine",
        "mfa_token": token, "oob_code": sent.text("oob_code"),
        "binding_code": service.newest_code(),
    });
    let tokens = service.post_json("/oauth/token", &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let amr = &tokens.claims("access_token")["amr"];
    assert_eq!(*amr, json!(["hwk", "user", "otp", "mfa"]));
}

#[tokio::test]
async fn a_setting_makes_every_passkey_one_factor() {
    for (setting, status) in [("one", 403), ("two", 200)] {
        let service = start_with(&[("COUNTERSIGN_PASSKEY_FACTORS", setting)]).await;
        let mut authenticator = demanding(&service).await;
        authenticator.flags = PRESENT | VERIFIED;
        let answer = sign_in_with(&service, &mut authenticator).await;
        assert_eq!(answer.status, status, "{}", answer.raw);
    }
}

#[tokio::test]
async fn a_challenge_works_once_for_five_minutes_and_at_its_client() {
    let service = start_with(&[]).await;
    let mut authenticator = enrolled(&service).await;
    let asked = challenge(&service, "mine").await;
    let response = authenticator.sign(options(&asked));
    assert_eq!(
        sign_in(&service, &asked, response.clone()).await.status,
        200
    );
    refused(&service, &request("mine", &asked, response)).await;
    // Another client's.
    let asked = challenge(&service, "other").await;
    let response = authenticator.sign(options(&asked));
    refused(&service, &request("mine", &asked, response.clone())).await;
    let body = request("other", &asked, response);
    let own = service.post_json("/oauth/token", &body).await;
    assert_eq!(own.status, 200, "{}", own.raw);
    // Too old.
    let asked = challenge(&service, "mine").await;
    service.advance(CHALLENGE_SECONDS);
    let response = authenticator.sign(options(&asked));
    refused(&service, &request("mine", &asked, response)).await;
    // The token of one challenge with the signature of another.
    let (one, another) = (
        challenge(&service, "mine").await,
        challenge(&service, "mine").await,
    );
    let response = authenticator.sign(options(&one));
    refused(&service, &request("mine", &another, response)).await;
}

async fn refused(service: &Service, body: &Value) {
    let answer = service.post_json("/oauth/token", body).await;
    assert_eq!(answer.status, 403, "{}", answer.raw);
    assert_eq!(
        answer.body,
        json!({ "error": "invalid_grant", "error_description": "Invalid or expired passkey." })
    );
}

#[tokio::test]
async fn of_a_hundred_uses_of_a_challenge_one_succeeds() {
    let service = start_with(&[]).await;
    let mut authenticator = enrolled(&service).await;
    let asked = challenge(&service, "mine").await;
    let response = authenticator.sign(options(&asked));
    let body = request("mine", &asked, response);
    let uses = (0..100).map(|_| service.post_json("/oauth/token", &body));
    let answers = futures_util::future::join_all(uses).await;
    let right = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(right, 1);
}

#[tokio::test]
async fn a_counter_that_does_not_rise_is_refused() {
    let service = start_with(&[]).await;
    let mut authenticator = Authenticator::new();
    authenticator.counter = 5;
    enrol(&service, demo::PLAIN_USER, &mut authenticator).await;
    assert_eq!(sign_in_with(&service, &mut authenticator).await.status, 200);
    for counter in [0, 3, 5] {
        authenticator.counter = counter;
        let answer = sign_in_with(&service, &mut authenticator).await;
        assert_eq!(answer.status, 403, "{counter}: {}", answer.raw);
    }
    authenticator.counter = 9;
    assert_eq!(sign_in_with(&service, &mut authenticator).await.status, 200);
    // Of two that meet with one count, one signs in.
    let count = authenticator.counter;
    let (one, another) = (
        challenge(&service, "mine").await,
        challenge(&service, "mine").await,
    );
    let first = authenticator.sign(options(&one));
    authenticator.counter = count;
    let second = authenticator.sign(options(&another));
    let (first, second) = tokio::join!(
        sign_in(&service, &one, first),
        sign_in(&service, &another, second)
    );
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
}

#[tokio::test]
async fn a_disabled_user_a_due_password_and_an_unconfirmed_address_stop_a_passkey_too() {
    let service = start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "email")]).await;
    let mut authenticator = enrolled(&service).await;
    let who = demo::PLAIN_USER;
    for (confirmed, status) in [(false, 403), (true, 200)] {
        let value = AttributeValue::Bool(confirmed);
        service.set_profile(who, "email_confirmed", value).await;
        let answer = sign_in_with(&service, &mut authenticator).await;
        assert_eq!(answer.status, status, "{}", answer.raw);
    }
    service.operated(&["user", "disable", who]).await;
    let answer = sign_in_with(&service, &mut authenticator).await;
    assert_eq!(answer.status, 403, "{}", answer.raw);
    assert_eq!(answer.text("error"), "unauthorized");
    service.operated(&["user", "enable", who]).await;
    assert_eq!(sign_in_with(&service, &mut authenticator).await.status, 200);
    let expire = ["user", "require-password-change", who];
    service.operated(&expire).await;
    let answer = sign_in_with(&service, &mut authenticator).await;
    assert_eq!(answer.status, 403, "{}", answer.raw);
    assert_ne!(answer.text("error"), "invalid_grant", "{}", answer.raw);
}

#[tokio::test]
async fn an_operator_who_resets_the_factors_removes_every_passkey() {
    let service = start_with(&[]).await;
    let mut authenticator = enrolled(&service).await;
    let shown = service.operated(&["user", "show", demo::PLAIN_USER]).await;
    assert_eq!(shown["factors"][0]["kind"], "passkey");
    let before = challenge(&service, "mine").await;
    let response = authenticator.sign(options(&before));
    let reset = [
        "user",
        "reset-factors",
        demo::PLAIN_USER,
        "--reason",
        "lost phone",
    ];
    service.operated(&reset).await;
    refused(&service, &request("mine", &before, response)).await;
    assert_eq!(sign_in_with(&service, &mut authenticator).await.status, 403);
    let shown = service.operated(&["user", "show", demo::PLAIN_USER]).await;
    assert_eq!(shown["factors"], json!([]));
    // A new passkey has the handle of before, and signs in.
    let mut another = enrolled(&service).await;
    assert_eq!(another.handle, authenticator.handle);
    assert_eq!(sign_in_with(&service, &mut another).await.status, 200);
    assert_eq!(sign_in_with(&service, &mut authenticator).await.status, 403);
}

#[tokio::test]
async fn nothing_of_a_passkey_is_left_of_a_deleted_user() {
    let service = start_with(&[]).await;
    let mut authenticator = enrolled(&service).await;
    let of_passkeys = |items: Vec<std::collections::HashMap<String, _>>| {
        let mut found = 0;
        for item in items {
            let key: &AttributeValue = &item["PK"];
            found += usize::from(key.as_s().unwrap().starts_with("PASSKEYUSER#"));
        }
        found
    };
    assert_eq!(of_passkeys(service.items().await), 1);
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    service.operated(&["user", "delete", &id, "--yes"]).await;
    assert_eq!(of_passkeys(service.items().await), 0);
    assert_eq!(sign_in_with(&service, &mut authenticator).await.status, 403);
}

#[tokio::test]
async fn where_there_is_no_domain_for_passkeys_none_is_taken() {
    let service = Service::start().await;
    // A client that may not use passkeys is told so, whatever the settings are.
    let body = json!({ "client_id": demo::CODEMAZE_CLIENT });
    let answer = service.post_json("/passkey/challenge", &body).await;
    assert_eq!(answer.status, 403, "{}", answer.raw);
    service
        .add_client("mine", |client| {
            let all = countersign::domain::authorization::grant::Grant::ALL;
            client.grants = all.into_iter().collect();
        })
        .await;
    let body = json!({ "client_id": "mine" });
    let answer = service.post_json("/passkey/challenge", &body).await;
    assert_eq!(answer.text("error"), "unsupported_grant_type");
    let body = json!({
        "grant_type": super::authenticator::GRANT, "client_id": "mine", "auth_session": "a",
        "authn_response": {},
    });
    let answer = service.post_json("/oauth/token", &body).await;
    assert_eq!(answer.text("error"), "unsupported_grant_type");
}

#[tokio::test]
async fn an_android_app_signs_in_by_the_hash_of_its_key_exactly() {
    let service = start_with(&[]).await;
    let hash = |first: &str| format!("android:apk-key-hash:{first}{}", "b".repeat(42));
    let origin = hash("A");
    let client = service.app.store.read_client("mine").await.unwrap();
    let mut client = client.unwrap();
    client.web_origins = vec![origin.clone()];
    service.app.store.put_client(&client).await.unwrap();
    let mut authenticator = Authenticator::new();
    authenticator.origin = origin.clone();
    enrol(&service, demo::PLAIN_USER, &mut authenticator).await;
    for (origin, status) in [
        (origin.clone(), 200),
        (hash("a"), 403),
        (hash("B"), 403),
        (format!("{origin}="), 403),
        (super::authenticator::ORIGIN.to_owned(), 403),
        ("https://localhost".to_owned(), 403),
    ] {
        authenticator.origin = origin.clone();
        let answer = sign_in_with(&service, &mut authenticator).await;
        assert_eq!(answer.status, status, "{origin}: {}", answer.raw);
    }
}

/// A passkey's session counts as the strongest factor for ten minutes.
#[tokio::test]
async fn the_session_of_a_passkey_changes_factors_while_a_password_alone_may_not() {
    let service = start_with(&[]).await;
    let mut authenticator = enrolled(&service).await;
    let weak = super::authenticator::my_token(&service, demo::PLAIN_USER).await;
    let answer = super::authenticator::begin(&service, &weak).await;
    assert_eq!(answer.status, 401, "{}", answer.raw);
    let asked = challenge(&service, "mine").await;
    let response = authenticator.sign(options(&asked));
    let mut body = request("mine", &asked, response);
    body["audience"] = json!("https://localhost:8788/me/");
    body["scope"] = json!(crate::dialects::auth0::factors::my_account::SCOPES);
    let strong = service.post_json("/oauth/token", &body).await;
    let strong = strong.text("access_token");
    let answer = super::authenticator::begin(&service, &strong).await;
    assert_eq!(answer.status, 202, "{}", answer.raw);
    service.advance(RECENT_SECONDS);
    let answer = super::authenticator::begin(&service, &strong).await;
    assert_eq!(answer.status, 401, "{}", answer.raw);
}

#[tokio::test]
async fn a_session_of_a_passkey_removes_it_and_it_signs_nobody_in_any_more() {
    let service = start_with(&[]).await;
    let mut authenticator = enrolled(&service).await;
    let asked = challenge(&service, "mine").await;
    let response = authenticator.sign(options(&asked));
    let mut body = request("mine", &asked, response);
    body["audience"] = json!("https://localhost:8788/me/");
    body["scope"] = json!(crate::dialects::auth0::factors::my_account::SCOPES);
    let strong = service.post_json("/oauth/token", &body).await;
    let strong = strong.text("access_token");
    let passkeys = format!("{METHODS}?type=passkey");
    let listed = service.get(&passkeys, Some(&strong)).await;
    let id = &listed.body["authentication_methods"][0]["id"];
    let place = place_of(id.as_str().unwrap());
    let removed = call(&service, Method::DELETE, &place, None, &strong).await;
    assert_eq!(removed.status, 204, "{}", removed.raw);
    let notice = service.messages().first().unwrap().text.clone();
    assert!(notice.contains("A passkey was removed"), "{notice}");
    assert_eq!(sign_in_with(&service, &mut authenticator).await.status, 403);
    // The password is what it was.
    let weak = super::authenticator::my_token(&service, demo::PLAIN_USER).await;
    assert_eq!(service.get(METHODS, Some(&weak)).await.status, 200);
}
