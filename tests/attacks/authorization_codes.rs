//! Attacks on the exchange of an authorization code: a code that is stolen,
//! used twice, late, or for another client, address or verifier.

use countersign::domain::authorization::grant::{Grant, Grants};
use countersign_local::demo;

use crate::dialects::aidbox::authorization::authorize::{
    CHALLENGE, VERIFIER, code, exchange, for_code,
};
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

/// The other app at this service.
const OTHER: &str = "other";

pub async fn with_other_client() -> Service {
    let service = Service::start().await;
    let change = |client: &mut countersign::domain::authorization::client::Client| {
        client.grants = Grants::from([
            Grant::Implicit,
            Grant::AuthorizationCode,
            Grant::RefreshToken,
        ]);
        client.redirect_uris = vec![
            "https://app.example.com/cb".to_owned(),
            "https://app.example.com/cb2?x=1".to_owned(),
        ];
    };
    service.add_client(OTHER, change).await;
    service
}

fn is_invalid(answer: &Answer) {
    answer.is_refused(400, "invalid_grant", "Wrong code");
}

pub fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn a_code_that_is_shown_twice_ends_the_session_that_came_from_it() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let code = code(&browser).await;
    let first = exchange(&service, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(first.status, 200, "{}", first.raw);
    let access = first.text("access_token");
    let user = service.get("/auth/userinfo", Some(&access)).await;
    assert_eq!(user.status, 200, "{}", user.raw);
    is_invalid(&exchange(&service, &code, &[("code_verifier", VERIFIER)]).await);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", "web"),
        ("refresh_token", &*first.text("refresh_token")),
    ];
    let refreshed = service.post_form("/auth/token", &fields).await;
    assert_eq!(refreshed.status, 400, "{}", refreshed.raw);
    let user = service.get("/auth/userinfo", Some(&access)).await;
    assert_eq!(user.status, 401, "{}", user.raw);
}

#[tokio::test]
async fn a_code_is_good_only_for_its_client_its_address_and_its_verifier() {
    let service = with_other_client().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let uri = encoded(demo::AIDBOX_REDIRECT_URI);
    let path = format!("/auth/authorize?{}&redirect_uri={uri}", for_code());
    let code = browser.get(&path).await.parameter("code");
    let home = ("redirect_uri", demo::AIDBOX_REDIRECT_URI);
    let wrong = "x".repeat(43);
    let good = ("code_verifier", VERIFIER);
    for fields in [
        vec![good],
        vec![home],
        vec![home, ("code_verifier", wrong.as_str())],
        vec![home, ("code_verifier", CHALLENGE)],
        vec![home, ("code_verifier", "short")],
        vec![good, ("redirect_uri", "http://localhost:3000/auth/")],
        vec![good, home, ("client_id", OTHER)],
    ] {
        is_invalid(&exchange(&service, &code, &fields).await);
    }
    is_invalid(&exchange(&service, "AAAA", &[good, home]).await);
    let mut forged = code.clone();
    let other = if &forged[20..21] == "A" { "B" } else { "A" };
    forged.replace_range(20..21, other);
    is_invalid(&exchange(&service, &forged, &[good, home]).await);
    let done = exchange(&service, &code, &[good, home]).await;
    assert_eq!(
        done.status, 200,
        "none of these has used it up: {}",
        done.raw
    );
}

#[tokio::test]
async fn a_code_without_a_challenge_takes_no_verifier() {
    let service = Service::start().await;
    service
        .add_client("server", |client| {
            client.grants = Grants::from([Grant::AuthorizationCode]);
            client.redirect_uris = vec!["https://app.example.com/cb".to_owned()];
            let secret = countersign::domain::secret::Secret::new("server-secret");
            let hash = countersign::usecase::authorization::authenticate_client::client_secret_hash;
            client.secret_hashes = vec![hash("server", &secret)];
        })
        .await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let given = browser
        .get("/auth/authorize?client_id=server&response_type=code")
        .await;
    let code = given.parameter("code");
    let client = [("client_id", "server"), ("client_secret", "server-secret")];
    let with = [client[0], client[1], ("code_verifier", VERIFIER)];
    is_invalid(&exchange(&service, &code, &with).await);
    let without = exchange(&service, &code, &client).await;
    assert_eq!(without.status, 200, "{}", without.raw);
    assert_eq!(without.body["refresh_token"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_code_is_over_after_a_minute_and_after_the_password_or_the_factors_changed() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let verifier = [("code_verifier", VERIFIER)];
    let late = code(&browser).await;
    service.advance(59);
    let in_time = code(&browser).await;
    service.advance(1);
    is_invalid(&exchange(&service, &late, &verifier).await);
    let done = exchange(&service, &in_time, &verifier).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let before = code(&browser).await;
    service.raise_epoch(demo::USER).await;
    is_invalid(&exchange(&service, &before, &verifier).await);
}

#[tokio::test]
async fn no_token_is_good_in_another_ones_place() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let cookie = browser.cookie("__Host-countersign").unwrap();
    let code = code(&browser).await;
    for token in [&cookie, &code] {
        let user = service.get("/auth/userinfo", Some(token)).await;
        assert_eq!(user.status, 401, "{}", user.raw);
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", "web"),
            ("refresh_token", token),
        ];
        let refreshed = service.post_form("/auth/token", &fields).await;
        assert_eq!(refreshed.status, 400, "{}", refreshed.raw);
    }
    is_invalid(&exchange(&service, &cookie, &[("code_verifier", VERIFIER)]).await);
    let refresh = exchange(&service, &code, &[("code_verifier", VERIFIER)]).await;
    for token in [code.as_str(), &refresh.text("refresh_token")] {
        let other = Browser::new(&service);
        let known = ("__Host-countersign".to_owned(), token.to_owned());
        other.cookies.borrow_mut().extend([known]);
        let answer = other.get("/auth/two-factor").await;
        assert_eq!((answer.status, answer.location()), (303, "/auth/login"));
    }
}

#[tokio::test]
async fn a_used_code_without_its_verifier_ends_no_session() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let code = code(&browser).await;
    let tokens = exchange(&service, &code, &[("code_verifier", VERIFIER)]).await;
    let access = tokens.text("access_token");
    let seen = exchange(&service, &code, &[]).await;
    seen.is_refused(400, "invalid_grant", "Wrong code");
    let user = service.get("/auth/userinfo", Some(&access)).await;
    assert_eq!(user.status, 200, "{}", user.raw);
}
