//! Attacks on CodeMaze's calls: tokens that are used twice, late, or for another user
//! or address; links that lead elsewhere; and questions about who has an account.

use std::collections::BTreeSet;
use std::net::IpAddr;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::codemaze::accounts::register::{
    confirm, forgot, is_bad_token, is_done, is_text, register, registered, registration, reset,
    reset_token, with_app,
};
use crate::dialects::codemaze::login::password_and_code::{begin, login, second_step};
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD};
use crate::harness::{Answer, Service};

const WRONG: &str = "Invalid Email Confirmation Request";
const APP: &str = "https://app.example.com";

async fn change(service: &Service, what: &str, seconds: i64) {
    match what {
        "time" => service.advance(seconds),
        "email" => {
            let other = AttributeValue::S("new@example.net".to_owned());
            service.set_profile(EMAIL, "email", other).await;
        }
        "epoch" => service.raise_epoch(EMAIL).await,
        _ => {
            let inactive = AttributeValue::Bool(false);
            service.set_profile(EMAIL, "active", inactive).await;
        }
    }
}

#[tokio::test]
async fn a_confirmation_ends_with_its_day_and_with_any_change_of_the_account() {
    for what in ["time", "email", "epoch", "standing"] {
        let service = with_app().await;
        register(&service, EMAIL).await;
        let token = service.link_parameter("token");
        change(&service, what, 86_400).await;
        for email in [EMAIL, "new@example.net"] {
            is_text(&confirm(&service, email, &token).await, WRONG);
        }
        assert!(!service.account(EMAIL).await.user.email_confirmed, "{what}");
    }
}

#[tokio::test]
async fn a_reset_ends_with_its_hour_and_with_any_change_of_the_account() {
    for what in ["time", "email", "epoch", "standing"] {
        let service = with_app().await;
        registered(&service).await;
        let token = reset_token(&service, EMAIL).await;
        change(&service, what, 3600).await;
        for email in [EMAIL, "new@example.net"] {
            is_bad_token(&reset(&service, email, &token, NEW_PASSWORD).await);
        }
    }
}

#[tokio::test]
async fn a_token_is_good_once_for_its_own_user_and_kind_only() {
    let service = with_app().await;
    register(&service, EMAIL).await;
    let confirmation = service.link_parameter("token");
    is_text(&confirm(&service, demo::USER, &confirmation).await, WRONG);
    is_bad_token(&reset(&service, EMAIL, &confirmation, NEW_PASSWORD).await);
    // Neither request consumed the token.
    is_done(&confirm(&service, EMAIL, &confirmation).await, 200);
    let token = reset_token(&service, EMAIL).await;
    is_text(&confirm(&service, EMAIL, &token).await, WRONG);
    is_bad_token(&reset(&service, demo::USER, &token, NEW_PASSWORD).await);
    // Neither request consumed the token.
    is_done(&reset(&service, EMAIL, &token, NEW_PASSWORD).await, 200);
    // A second confirmation succeeds and changes nothing.
    is_done(&confirm(&service, EMAIL, &confirmation).await, 200);
    is_bad_token(&reset(&service, EMAIL, &token, PASSWORD).await);
}

#[tokio::test]
async fn a_code_of_a_login_before_a_reset_is_refused() {
    let service = Service::start().await;
    let code = begin(&service).await;
    let token = reset_token(&service, demo::USER).await;
    is_done(
        &reset(&service, demo::USER, &token, NEW_PASSWORD).await,
        200,
    );
    let late = second_step(&service, demo::USER, &code).await;
    is_text(&late, "Invalid Token Verification");
}

/// Where a link leads, and whether the message holds a text.
fn leads_to(service: &Service) -> String {
    let message = service.messages().remove(0);
    let html = message.html.unwrap_or_default();
    assert!(
        !message.text.contains("evil") && !html.contains("evil"),
        "{}",
        message.text
    );
    let mut link = service.newest_link();
    link.set_query(None);
    link.into()
}

#[tokio::test]
async fn no_client_uri_leads_a_link_off_the_configured_origins() {
    for asked in [
        "https://evil.example/authentication/resetpassword",
        "https://app.example.com@evil.example/",
        "https://evil@app.example.com/",
        "https://app.example.com.evil.example/",
        "https://evil-app.example.com/",
        "http://app.example.com/evil",
        "https://app.example.com:444/evil",
        "https://evil.example/https://app.example.com/",
        "//evil.example/x",
        "/\\evil.example/x",
        "\\\\evil.example/x",
        "https:\\\\evil.example\\x",
        "https://evil.example%2F@app.example.com/",
        "https://app.example.com%2F.evil.example/",
        "https://app.example.com%40evil.example/",
        "https:/\t/evil.example/",
        "javascript:alert('evil')",
        "data:text/html,evil",
    ] {
        let service = Service::start_with(&[("COUNTERSIGN_LINK_ORIGINS", APP)]).await;
        let mut body = registration(EMAIL);
        body["clientURI"] = json!(asked);
        is_done(
            &service.post_json("/api/accounts/registration", &body).await,
            201,
        );
        let page = format!("{APP}/authentication/emailconfirmation");
        assert_eq!(leads_to(&service), page, "{asked}");
        let body = json!({ "email": demo::USER, "clientURI": asked });
        is_done(
            &service
                .post_json("/api/accounts/forgotpassword", &body)
                .await,
            200,
        );
        let page = format!("{APP}/authentication/resetpassword");
        assert_eq!(leads_to(&service), page, "{asked}");
        let wrong = json!({ "email": demo::USER, "password": "wrong", "clientURI": asked });
        for _ in 0..10 {
            service.post_json("/api/accounts/login", &wrong).await;
        }
        let page = format!("{APP}/authentication/forgotpassword");
        assert_eq!(leads_to(&service), page, "{asked}");
    }
}

#[tokio::test]
async fn no_client_uri_makes_a_path_that_an_app_may_take_for_another_host() {
    for path in [
        "//evil.example/x",
        "///evil.example/x",
        "\\evil.example/x",
        "/\\evil.example\\\\x",
        "/.//evil.example/x",
        "/a/..//evil.example///x",
    ] {
        let service = Service::start_with(&[("COUNTERSIGN_LINK_ORIGINS", APP)]).await;
        let asked = format!("{APP}{path}?token=theirs");
        let body = json!({ "email": demo::USER, "clientURI": asked });
        let answer = service
            .post_json("/api/accounts/forgotpassword", &body)
            .await;
        is_done(&answer, 200);
        let link = service.newest_link();
        service.watch_secret(&service.link_parameter("token"));
        assert_eq!(link.path(), "/evil.example/x", "{path}");
        assert_eq!(link.origin().ascii_serialization(), APP);
    }
}

#[tokio::test]
async fn a_link_has_our_parameters_only_whatever_a_client_uri_brings() {
    let service = Service::start_with(&[("COUNTERSIGN_LINK_ORIGINS", APP)]).await;
    let asked = format!("{APP}/own/page?token=theirs&email=mallory%40example.net&x=1#token=theirs");
    let body = json!({ "email": demo::USER, "clientURI": asked });
    is_done(
        &service
            .post_json("/api/accounts/forgotpassword", &body)
            .await,
        200,
    );
    let link = service.newest_link();
    assert_eq!((link.path(), link.fragment()), ("/own/page", None));
    let names: Vec<String> = link
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(names, ["token", "email"]);
    let token = service.link_parameter("token");
    is_done(
        &reset(&service, demo::USER, &token, NEW_PASSWORD).await,
        200,
    );
}

/// The answer without its random header.
fn told(mut answer: Answer) -> Answer {
    answer.headers.remove("x-request-id");
    answer
}

#[tokio::test]
async fn no_call_but_registration_tells_who_has_an_account() {
    let service = with_app().await;
    let (known, nobody) = (demo::PLAIN_USER, "nobody@example.com");
    let alike = |one: Answer, other: Answer| assert_eq!(told(one), told(other));
    alike(
        forgot(&service, known).await,
        forgot(&service, nobody).await,
    );
    assert_eq!(service.messages().len(), 1, "the user was sent a link");
    // Within the cool-down.
    alike(
        forgot(&service, known).await,
        forgot(&service, nobody).await,
    );
    alike(
        confirm(&service, known, "x").await,
        confirm(&service, nobody, "x").await,
    );
    alike(
        reset(&service, known, "x", NEW_PASSWORD).await,
        reset(&service, nobody, "x", NEW_PASSWORD).await,
    );
    alike(
        second_step(&service, known, "123456").await,
        second_step(&service, nobody, "123456").await,
    );
    for _ in 0..11 {
        alike(
            login(&service, known, "wrong").await,
            login(&service, nobody, "wrong").await,
        );
    }
}

#[tokio::test]
async fn nobody_takes_anothers_address_by_registering() {
    let service = with_app().await;
    registered(&service).await;
    // As an address, it is taken. As a user name, it must be the account's own address.
    let again = register(&service, "Ann.Lee@Example.NET").await;
    assert_eq!(again.status, 400, "{}", again.raw);
    let named = service
        .register(EMAIL, "mallory@example.net", PASSWORD)
        .await;
    named.is_rest_refused(403, "Username 'ann.lee@example.net' is invalid.");
    // A registration needs an e-mail address. A user name is not an address.
    let named = register(&service, demo::ABP_USER).await;
    assert_eq!(named.body["errors"][0], "Email 'admin' is invalid.");
    // An address that nobody has yet must not be registered as a user name either.
    let kept = service
        .register("victim@example.net", "mallory@example.net", PASSWORD)
        .await;
    kept.is_rest_refused(403, "Username 'victim@example.net' is invalid.");
    assert_eq!(login(&service, EMAIL, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn codes_from_thirteen_networks_tell_nobody_that_a_user_is_signing_in() {
    let service = with_app().await;
    for provider in ["Email", "Authenticator"] {
        let unknown = guesses(&service, "nobody@example.net", provider).await;
        let idle = guesses(&service, demo::USER, provider).await;
        begin(&service).await;
        let pending = guesses(&service, demo::USER, provider).await;
        assert_eq!(unknown.len(), 1, "{unknown:?}");
        assert_eq!((&idle, &pending), (&unknown, &unknown));
        service.advance(3600);
    }
}

/// The different answers to a wrong code from each of thirteen networks:
/// status, body, and headers without the request's id.
async fn guesses(service: &Service, email: &str, provider: &str) -> BTreeSet<String> {
    let mut answers = BTreeSet::new();
    for network in 1..=13 {
        let from = IpAddr::from([203, 0, 113, network]);
        let body = json!({ "email": email, "provider": provider, "token": "000000" });
        let path = "/api/accounts/twostepverification";
        let mut answer = service.post_from(from, path, &body).await;
        answer.headers.remove("x-request-id");
        let told = (answer.status, &answer.raw, &answer.headers);
        answers.insert(format!("{told:?}"));
    }
    answers
}
