//! Attacks on `GET /auth/authorize`: where its answers go, and what they contain.

use countersign::domain::authorization::grant::{Grant, Grants};
use countersign_local::demo;

use crate::attacks::authorization_codes::{encoded, with_other_client};
use crate::dialects::aidbox::authorization::authorize::{CHALLENGE, FOR_TOKEN};
use crate::harness::Service;
use crate::harness::browser::{Browser, ORIGIN};

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered_character_by_character() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    for evil in [
        "http://localhost:3000/auth/",
        "http://localhost:3000/auth/../evil",
        "http://localhost:3000/authx",
        "http://localhost:3000/auth?x=1",
        "http://localhost:3000/auth#x",
        "http://localhost:3000/Auth",
        "http://LOCALHOST:3000/auth",
        "https://localhost:3000/auth",
        "http://localhost:3000",
        "http://localhost:3001/auth",
        "http://localhost:3000@evil.example/auth",
        "http://evil.example@localhost:3000/auth",
        "http://localhost.evil.example:3000/auth",
        "http://evil.example/http://localhost:3000/auth",
        "http://localhost:3000/%61uth",
        "http://localhost:3000%2fauth",
        " http://localhost:3000/auth",
        "http://localhost:3000/auth\u{0}",
        "//localhost:3000/auth",
        "/auth",
        "javascript:alert(1)",
        "data:text/html,x",
    ] {
        for kind in ["token", "code"] {
            let query = format!(
                "client_id=web&response_type={kind}&state=s&redirect_uri={}",
                encoded(evil)
            );
            for path in ["authorize", "login", "signup", "two-factor/enable"] {
                let answer = browser.get(&format!("/auth/{path}?{query}")).await;
                assert_eq!(answer.status, 400, "{evil}: {}", answer.raw);
                assert_eq!(answer.header("location"), None, "{evil}");
                assert!(answer.raw.contains("not registered"), "{}", answer.raw);
            }
        }
    }
    let uri = encoded(demo::AIDBOX_REDIRECT_URI);
    let good = browser
        .get(&format!("/auth/authorize?{FOR_TOKEN}&redirect_uri={uri}"))
        .await;
    assert_eq!(good.status, 302, "{}", good.raw);
}

#[tokio::test]
async fn an_unknown_client_or_one_of_several_addresses_left_out_is_told_on_a_page() {
    let service = with_other_client().await;
    let browser = Browser::new(&service);
    let long = "x".repeat(300);
    for client in ["nobody", "", &long, "Web", "web "] {
        let query = format!("client_id={}&response_type=token", encoded(client));
        let answer = browser.get(&format!("/auth/authorize?{query}")).await;
        assert_eq!((answer.status, answer.header("location")), (400, None));
    }
    let none = browser
        .get("/auth/authorize?client_id=other&response_type=token")
        .await;
    assert_eq!((none.status, none.header("location")), (400, None));
    let twice = "client_id=web&response_type=token&client_id=other";
    let twice = browser.get(&format!("/auth/authorize?{twice}")).await;
    assert_eq!((twice.status, twice.header("location")), (400, None));
}

#[tokio::test]
async fn what_a_client_may_not_ask_for_goes_back_to_it_with_its_state() {
    let service = with_other_client().await;
    service
        .add_client("codes", |client| {
            client.grants = Grants::from([Grant::AuthorizationCode]);
            client.redirect_uris = vec!["https://app.example.com/cb".to_owned()];
        })
        .await;
    let browser = Browser::new(&service);
    let pkce = format!("code_challenge={CHALLENGE}&code_challenge_method=S256");
    for (query, error, fragment) in [
        ("client_id=web", "invalid_request", false),
        (
            "client_id=web&response_type=code%20id_token",
            "unsupported_response_type",
            true,
        ),
        (
            "client_id=codes&response_type=token",
            "unauthorized_client",
            true,
        ),
        (
            "client_id=web&response_type=token&scope=admin",
            "invalid_scope",
            true,
        ),
        (
            "client_id=web&response_type=token&audience=x",
            "invalid_target",
            true,
        ),
        ("client_id=web&response_type=code", "invalid_request", false),
        (
            &format!("client_id=web&response_type=code&code_challenge={CHALLENGE}"),
            "invalid_request",
            false,
        ),
        (
            &format!(
                "client_id=web&response_type=code&code_challenge={CHALLENGE}\
                 &code_challenge_method=plain"
            ),
            "invalid_request",
            false,
        ),
        (
            "client_id=web&response_type=code&code_challenge=short&code_challenge_method=S256",
            "invalid_request",
            false,
        ),
        (
            "client_id=web&response_type=token&prompt=none",
            "login_required",
            true,
        ),
        (
            &format!("client_id=web&response_type=code&prompt=none&{pkce}"),
            "login_required",
            false,
        ),
    ] {
        let path = format!("/auth/authorize?{query}&state=%3Cs%3E");
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, 302, "{query}: {}", answer.raw);
        let at = if fragment { '#' } else { '?' };
        let home = match query.contains("codes") {
            true => "https://app.example.com/cb",
            false => demo::AIDBOX_REDIRECT_URI,
        };
        let to = answer.location();
        assert!(to.starts_with(&format!("{home}{at}error=")), "{to}");
        assert_eq!(answer.parameter("error"), error, "{query}");
        assert_eq!(answer.parameter("state"), "<s>");
        assert_eq!(answer.parameter("iss"), format!("{ORIGIN}/"));
    }
}

#[tokio::test]
async fn an_answer_stands_behind_the_query_that_a_registered_address_has() {
    let service = with_other_client().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let uri = encoded("https://app.example.com/cb2?x=1");
    let pkce = format!("code_challenge={CHALLENGE}&code_challenge_method=S256");
    let query = format!("client_id=other&response_type=code&redirect_uri={uri}&{pkce}");
    let answer = browser.get(&format!("/auth/authorize?{query}")).await;
    let to = answer.location();
    assert!(
        to.starts_with("https://app.example.com/cb2?x=1&code="),
        "{to}"
    );
}

#[tokio::test]
async fn a_request_may_ask_for_a_new_sign_in() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let path = format!("/auth/authorize?{FOR_TOKEN}&prompt=login");
    let asked = browser.get(&path).await;
    assert_eq!(asked.status, 303);
    let to = asked.location().to_owned();
    assert!(
        to.starts_with("/auth/login?") && !to.contains("prompt"),
        "{to}"
    );
    let done = browser
        .password(&to, demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    assert_eq!(browser.get(done.location()).await.status, 302);
    let none = browser
        .get(&format!("/auth/authorize?{FOR_TOKEN}&prompt=none"))
        .await;
    assert!(!none.parameter("access_token").is_empty());
}
