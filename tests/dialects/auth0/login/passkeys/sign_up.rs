//! Signing up with a passkey in place of a password.

use std::sync::Arc;

use countersign::domain::accounts::login_name::LoginName;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::authenticator::{
    Authenticator, DOMAIN, add_clients, challenge, options, request, sign_in, sign_in_with,
    start_with,
};
use crate::dialects::auth0::accounts::sign_up::{change_password, follow_newest_link};
use crate::harness::account::{EMAIL, NEW_PASSWORD};
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service, alike};
use crate::races::logins::at_once;
use crate::rules::requests::login::Counted;

const REGISTER: &str = "/passkey/register";
/// Sign-ups are open, and nobody has to confirm an address.
const AT_ONCE: (&str, &str) = ("COUNTERSIGN_CONFIRMATION_REQUIRED", "none");
const BY_EMAIL: (&str, &str) = ("COUNTERSIGN_CONFIRMATION_REQUIRED", "email");
const BRAND: (&str, &str) = ("COUNTERSIGN_THEME_BRAND", "Acme Bikes");

/// Begins a sign-up under this address, at this client.
pub async fn register(service: &Service, client: &str, email: &str) -> Answer {
    let profile = json!({ "email": email, "name": "Ann Lee" });
    let body = json!({
        "client_id": client, "user_profile": profile, "user_metadata": { "plan": "premium" },
    });
    service.post_json(REGISTER, &body).await
}

/// Signs up under this address with a new passkey of this authenticator.
pub async fn sign_up_with(service: &Service, email: &str, with: &mut Authenticator) -> Answer {
    let begun = register(service, "mine", email).await;
    assert_eq!(begun.status, 200, "{}", begun.raw);
    let made = with.create(options(&begun));
    sign_in(service, &begun, made).await
}

async fn exists(service: &Service, email: &str) -> bool {
    let name = LoginName::parse(email).unwrap();
    service.app.store.find_name(&name).await.unwrap().is_some()
}

#[tokio::test]
async fn a_user_signs_up_with_a_passkey_confirms_the_address_and_signs_in() {
    let service = start_with(&[BY_EMAIL, BRAND]).await;
    let begun = register(&service, "mine", EMAIL).await;
    let mut shown = begun.body["authn_params_public_key"].clone();
    for path in ["/challenge", "/user/id"] {
        let random = shown.pointer_mut(path).unwrap();
        assert_eq!(random.as_str().unwrap().len(), 43);
        *random = json!("[random]");
    }
    assert_snapshot!(shown.to_string(), @r#"{"challenge":"[random]","timeout":300000,"rp":{"id":"localhost","name":"Countersign Demo"},"user":{"id":"[random]","name":"ann.lee@example.net","displayName":"Ann Lee"},"pubKeyCredParams":[{"type":"public-key","alg":-7},{"type":"public-key","alg":-257}],"authenticatorSelection":{"residentKey":"required","userVerification":"preferred"}}"#);
    assert!(!exists(&service, EMAIL).await);
    let mut authenticator = Authenticator::new();
    let made = authenticator.create(options(&begun));
    let unconfirmed = sign_in(&service, &begun, made).await;
    assert_snapshot!(unconfirmed.shown(), @r#"
    403 application/json no-store no-cache
    {"error":"access_denied","error_description":"Please verify your email or phone number before logging in."}
    "#);
    assert_eq!(service.messages().len(), 1);
    // The passkey is right, and the address is not confirmed yet.
    let again = sign_in_with(&service, &mut authenticator).await;
    assert_eq!(again.shown(), unconfirmed.shown());
    let browser = Browser::new(&service);
    let done = follow_newest_link(&browser, None).await;
    assert!(done.raw.contains("address is confirmed"), "{}", done.raw);
    let tokens = sign_in_with(&service, &mut authenticator).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(tokens.claims("access_token")["acr"], "aal2");
    let user = service.account(EMAIL).await.user;
    assert_eq!(user.profile.name.as_deref(), Some("Ann Lee"));
    assert_eq!(user.profile.metadata["plan"], "premium");
    assert!(user.password.is_none());
}

#[tokio::test]
async fn a_user_whose_link_was_lost_gets_another_link_by_signing_in() {
    let service = start_with(&[BY_EMAIL, BRAND]).await;
    let mut authenticator = Authenticator::new();
    sign_up_with(&service, EMAIL, &mut authenticator).await;
    service.advance(3600);
    let refused = sign_in_with(&service, &mut authenticator).await;
    assert_eq!(refused.text("error"), "access_denied", "{}", refused.raw);
    assert_eq!(service.messages().len(), 2);
    follow_newest_link(&Browser::new(&service), None).await;
    assert_eq!(sign_in_with(&service, &mut authenticator).await.status, 200);
}

#[tokio::test]
async fn a_taken_address_is_answered_alike_and_gets_no_passkey() {
    let service = start_with(&[BY_EMAIL]).await;
    let mut begun = Vec::new();
    let mut ended = Vec::new();
    for email in [EMAIL, demo::PLAIN_USER] {
        let answer = register(&service, "mine", email).await;
        let made = Authenticator::new().create(options(&answer));
        ended.push(sign_in(&service, &answer, made).await);
        let mut body = answer.body;
        let options = &mut body["authn_params_public_key"];
        let chosen = options["user"]["id"].take();
        options["challenge"].take();
        options["user"]["name"].take();
        assert_eq!(chosen.as_str().unwrap().len(), 43);
        body["auth_session"].take();
        begun.push((answer.status, body));
    }
    assert_eq!(begun[0], begun[1]);
    alike(&ended);
    assert_eq!(
        service.account(demo::PLAIN_USER).await.passkeys().count(),
        0
    );
    let to: Vec<String> = service.messages().into_iter().map(|sent| sent.to).collect();
    assert_eq!(to, [demo::PLAIN_USER, EMAIL]);
}

#[tokio::test]
async fn where_nothing_is_confirmed_a_sign_up_signs_in() {
    let service = start_with(&[AT_ONCE]).await;
    let mut authenticator = Authenticator::new();
    let tokens = sign_up_with(&service, EMAIL, &mut authenticator).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let claims = tokens.claims("access_token");
    assert_eq!(claims["amr"], json!(["hwk", "user", "mfa"]));
    let id = service.account(EMAIL).await.user.subject();
    assert_eq!(claims["sub"], json!(id));
    let again = sign_in_with(&service, &mut authenticator).await;
    assert_eq!(again.status, 200, "{}", again.raw);
    // As with a password, the next request tells that the address has an account.
    let taken = sign_up_with(&service, EMAIL, &mut Authenticator::new()).await;
    assert_eq!(
        (taken.status, taken.text("error")),
        (403, "invalid_grant".to_owned())
    );
    assert_eq!(service.account(EMAIL).await.passkeys().count(), 1);
}

#[tokio::test]
async fn where_sign_ups_are_closed_nobody_signs_up_with_a_passkey() {
    let service = start_with(&[("COUNTERSIGN_SIGN_UP", "abp")]).await;
    let refused = register(&service, "mine", EMAIL).await;
    assert_snapshot!(refused.shown(), @r#"
    400 application/json no-store no-cache
    {"error":"public signup is disabled","error_description":"Public signup is disabled"}
    "#);
    // A challenge for a signature makes no user either.
    let asked = challenge(&service, "mine").await;
    let mut options = options(&asked).clone();
    options["user"] = json!({ "id": "AAAA" });
    let made = Authenticator::new().create(&options);
    assert_eq!(sign_in(&service, &asked, made).await.status, 400);
}

#[tokio::test]
async fn a_wrong_sign_up_is_refused_and_makes_nobody() {
    let service = start_with(&[AT_ONCE]).await;
    let refused = async |answer: Answer| {
        assert_eq!(answer.status, 403, "{}", answer.raw);
        assert_eq!(
            answer.text("error_description"),
            "Invalid or expired passkey."
        );
        assert!(!exists(&service, EMAIL).await);
    };
    // The challenge of a signature.
    let asked = challenge(&service, "mine").await;
    let mut creation = options(&asked).clone();
    creation["user"] = json!({ "id": "AAAA" });
    let made = Authenticator::new().create(&creation);
    refused(sign_in(&service, &asked, made).await).await;
    // Another client.
    let begun = register(&service, "mine", EMAIL).await;
    let made = Authenticator::new().create(options(&begun));
    let body = request("other", &begun, made.clone());
    refused(service.post_json("/oauth/token", &body).await).await;
    // The challenge of another sign-up.
    let other = register(&service, "mine", "other@example.net").await;
    refused(sign_in(&service, &other, made.clone()).await).await;
    // Spoiled data.
    let spoiled = Authenticator::new().create_spoiled(options(&begun), |data, _| {
        data["origin"] = json!("https://evil.example");
    });
    refused(sign_in(&service, &begun, spoiled).await).await;
    // Too late.
    service.advance(300);
    refused(sign_in(&service, &begun, made).await).await;
}

#[tokio::test]
async fn an_address_or_a_profile_that_does_not_fit_is_named() {
    let service = start_with(&[]).await;
    for (profile, sentence) in [
        (json!({}), "user_profile has no email."),
        (
            json!({ "phone_number": "+15555550100" }),
            "user_profile has no email.",
        ),
        (json!({ "email": 7 }), "user_profile is no object of texts."),
    ] {
        let body = json!({ "client_id": "mine", "user_profile": profile });
        let answer = service.post_json(REGISTER, &body).await;
        assert_eq!(answer.status, 400, "{}", answer.raw);
        assert_eq!(answer.text("error_description"), sentence);
    }
    for profile in [
        json!({ "email": "nobody" }),
        json!({ "email": EMAIL, "username": "ann" }),
        json!({ "email": EMAIL, "picture": "javascript:alert(1)" }),
    ] {
        let body = json!({ "client_id": "mine", "user_profile": profile });
        let answer = service.post_json(REGISTER, &body).await;
        assert_eq!(answer.status, 400, "{}", answer.raw);
    }
}

#[tokio::test]
async fn sign_ups_by_passkey_draw_on_the_networks_budget() {
    let service = start_with(&[]).await;
    let mut last = 200;
    for number in 0..400 {
        last = register(&service, "mine", &format!("user{number}@example.net"))
            .await
            .status;
        if last != 200 {
            break;
        }
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn two_sign_ups_of_one_address_have_handles_that_say_nothing() {
    let service = start_with(&[]).await;
    let one = register(&service, "mine", EMAIL).await;
    let other = register(&service, "mine", EMAIL).await;
    let handle = |answer: &Answer| options(answer)["user"]["id"].clone();
    assert_ne!(handle(&one), handle(&other));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_uses_of_one_sign_up_one_makes_the_user() {
    let service = Arc::new(start_with(&[AT_ONCE]).await);
    let begun = register(&service, "mine", EMAIL).await;
    let made = Authenticator::new().create(options(&begun));
    let body: Value = request("mine", &begun, made);
    let answers = at_once(100, |_| {
        let (service, body) = (service.clone(), body.clone());
        async move { service.post_json("/oauth/token", &body).await.status }
    })
    .await;
    let done = answers.iter().filter(|status| **status == 200).count();
    assert_eq!(done, 1, "{answers:?}");
    assert!(answers.iter().all(|status| [200, 403].contains(status)));
    assert_eq!(service.account(EMAIL).await.passkeys().count(), 1);
    let again = service.post_json("/oauth/token", &body).await;
    assert_eq!(again.status, 403, "{}", again.raw);
}

async fn is_taken_by_a_reset(service: &Service, stranger: &mut Authenticator) {
    service.advance(3600);
    change_password(service, EMAIL).await;
    follow_newest_link(&Browser::new(service), Some(NEW_PASSWORD)).await;
    let tokens = service.password_of(EMAIL, NEW_PASSWORD).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(service.account(EMAIL).await.passkeys().count(), 0);
    assert_eq!(sign_in_with(service, stranger).await.status, 403);
}

/// A stranger signs up with the address of a victim and the stranger's passkey.
#[tokio::test]
async fn a_reset_takes_the_passkey_of_a_stranger_who_signed_up_with_the_owners_address() {
    let service = start_with(&[BY_EMAIL, BRAND]).await;
    let mut stranger = Authenticator::new();
    sign_up_with(&service, EMAIL, &mut stranger).await;
    is_taken_by_a_reset(&service, &mut stranger).await;
}

/// The victim follows the link that confirms the address, without having signed up.
#[tokio::test]
async fn a_reset_takes_the_passkey_of_a_stranger_also_after_the_owner_confirmed_the_address() {
    let service = start_with(&[BY_EMAIL, BRAND]).await;
    let mut stranger = Authenticator::new();
    sign_up_with(&service, EMAIL, &mut stranger).await;
    follow_newest_link(&Browser::new(&service), None).await;
    assert_eq!(sign_in_with(&service, &mut stranger).await.status, 200);
    is_taken_by_a_reset(&service, &mut stranger).await;
}

#[tokio::test]
async fn a_sign_up_with_a_passkey_costs_two_and_three_requests() {
    let counted = Counted::start_with(&[DOMAIN, AT_ONCE]).await;
    let service = &counted.service;
    add_clients(service).await;
    challenge(service, "mine").await;
    let (begun, cost) = counted.cost(200, register(service, "mine", EMAIL)).await;
    assert_eq!(cost, 2);
    let made = Authenticator::new().create(options(&begun));
    let signed_up = sign_in(service, &begun, made);
    assert_eq!(counted.cost(200, signed_up).await.1, 3);
}
