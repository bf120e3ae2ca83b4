//! `/authorize` and `/oauth/par`: the authorization code flow of Auth0's apps, in a
//! deployment that serves no other dialect.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign::keyring::code_challenge;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::dialects::aidbox::authorization::authorize::{CHALLENGE, VERIFIER};
use crate::dialects::auth0::accounts::sign_up::auth0_only;
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service, attribute};

/// The request of an app in a browser, as Auth0's SDKs make it.
pub fn request(more: &str) -> String {
    format!(
        "/authorize?client_id=web&response_type=code&state=s1&nonce=n1&scope=openid+offline_access\
         &redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fauth&code_challenge={CHALLENGE}\
         &code_challenge_method=S256&auth0Client=eyJ9{more}"
    )
}

/// Signs a user in on the page that a request leads to, and follows the way back.
pub async fn sign_in_at(browser: &Browser<'_>, path: &str) -> Answer {
    let first = browser.get(path).await;
    assert_eq!(first.status, 303, "{}", first.raw);
    let page = first.location().to_owned();
    assert!(page.starts_with("/auth/login?"), "{page}");
    let (user, password) = (demo::PLAIN_USER, demo::PASSWORD_OF_ALL);
    let done = browser.password(&page, user, password).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    browser.get(done.location()).await
}

/// Exchanges a code at Auth0's token endpoint.
pub async fn exchange(service: &Service, code: &str) -> Answer {
    let body = json!({
        "grant_type": "authorization_code", "client_id": "web", "code": code,
        "code_verifier": VERIFIER, "redirect_uri": demo::AIDBOX_REDIRECT_URI,
    });
    service.post_json("/oauth/token", &body).await
}

#[tokio::test]
async fn a_person_signs_in_and_the_app_gets_tokens_for_its_code() {
    let service = auth0_only().await;
    let browser = Browser::new(&service);
    let given = sign_in_at(&browser, &request("")).await;
    assert_snapshot!(given.shown(), @r"
    302 no-store
    location: http://localhost:3000/auth?code=[opaque]&state=s1&iss=https%3A%2F%2Flocalhost%3A8788%2F
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY
    ");
    let tokens = exchange(&service, &given.parameter("code")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let claims = tokens.claims("id_token");
    assert_eq!(claims["nonce"], "n1");
    assert_eq!(claims["iss"], "https://localhost:8788/");
    // The browser is signed in, so the next request is answered at once.
    let silent = browser.get(&request("&prompt=none")).await;
    assert_eq!(silent.status, 302, "{}", silent.raw);
    assert!(!silent.parameter("code").is_empty());
    let anew = browser.get(&request("&prompt=login")).await;
    assert!(anew.location().starts_with("/auth/login?"));
}

#[tokio::test]
async fn whoever_is_not_signed_in_gets_login_required_for_a_silent_request() {
    let service = auth0_only().await;
    let refused = Browser::new(&service).get(&request("&prompt=none")).await;
    assert_eq!(refused.parameter("error"), "login_required");
    assert_eq!(refused.parameter("state"), "s1");
    assert_eq!(refused.parameter("iss"), "https://localhost:8788/");
}

#[tokio::test]
async fn a_hint_of_a_sign_up_leads_to_the_sign_up_where_it_is_open() {
    let open = auth0_only().await;
    let hinted = request("&screen_hint=signup&login_hint=ann%40example.net");
    let first = Browser::new(&open).get(&hinted).await;
    assert!(
        first.location().starts_with("/auth/signup?"),
        "{}",
        first.location()
    );
    let page = Browser::new(&open).get(first.location()).await;
    assert_eq!(page.status, 200, "{}", page.raw);
    let closed = Service::start_with(&[("COUNTERSIGN_SIGN_UP", "none")]).await;
    let browser = Browser::new(&closed);
    let first = browser.get(&hinted).await;
    assert!(
        first.location().starts_with("/auth/login?"),
        "{}",
        first.location()
    );
    let page = browser.get(first.location()).await;
    assert_eq!(page.form(0).value("username"), "ann@example.net");
}

/// The hash in the form of a content security policy.
fn sha256(text: &str) -> String {
    let digest = URL_SAFE_NO_PAD.decode(code_challenge(text)).unwrap();
    STANDARD.encode(digest)
}

/// The only script of a page, which the policy of the page allows by its hash.
fn script(page: &Answer) -> String {
    let mut scripts = page.raw.split("<script>").skip(1);
    let script = scripts.next().unwrap().split("</script>").next().unwrap();
    assert!(scripts.next().is_none());
    let policy = page.header("content-security-policy").unwrap();
    let allowed = format!("script-src 'sha256-{}'", sha256(script));
    assert!(policy.contains(&allowed), "{policy}");
    script.to_owned()
}

#[tokio::test]
async fn an_answer_in_a_form_is_posted_to_the_app() {
    let service = auth0_only().await;
    let browser = Browser::new(&service);
    let page = sign_in_at(&browser, &request("&response_mode=form_post")).await;
    assert_eq!(page.status, 200, "{}", page.raw);
    assert_eq!(script(&page), "document.forms[0].submit()");
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("form-action http://localhost:3000;"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    let form = page.form(0);
    assert_eq!(form.action, demo::AIDBOX_REDIRECT_URI);
    assert_eq!(form.value("state"), "s1");
    assert_eq!(form.value("iss"), "https://localhost:8788/");
    let tokens = exchange(&service, form.value("code")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let refused = request("&response_mode=form_post&prompt=none&max_age=0");
    let refused = browser.get(&refused).await;
    assert_eq!(refused.form(0).value("error"), "login_required");
}

/// The message that a page sends, and the origin that gets it.
pub fn message(page: &Answer) -> (String, Value) {
    let body = page.raw.split("<body ").nth(1).unwrap();
    let response = attribute(body, "data-response").unwrap();
    let to = attribute(body, "data-to").unwrap();
    (to, serde_json::from_str(&response).unwrap())
}

#[tokio::test]
async fn an_answer_as_a_message_goes_to_the_origin_of_the_app_which_may_frame_it() {
    let service = auth0_only().await;
    let browser = Browser::new(&service);
    let silent = request("&response_mode=web_message&prompt=none");
    let (to, refused) = message(&browser.get(&silent).await);
    assert_eq!(to, demo::WEB_ORIGIN);
    assert_eq!(refused["error"], "login_required");
    assert_eq!(refused["state"], "s1");
    browser.sign_in_plain().await;
    let page = browser.get(&silent).await;
    let script = script(&page);
    assert!(script.contains("window.opener||window.parent"), "{script}");
    assert!(script.contains("\"authorization_response\""), "{script}");
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("frame-ancestors http://localhost:3000;"),
        "{policy}"
    );
    assert_eq!(page.header("x-frame-options"), None);
    let (to, response) = message(&page);
    assert_eq!(to, demo::WEB_ORIGIN);
    assert_eq!(response["iss"], "https://localhost:8788/");
    let tokens = exchange(&service, response["code"].as_str().unwrap()).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

/// Pushes a request of the app in a browser.
pub async fn push(service: &Service, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("client_id", "web"),
        ("response_type", "code"),
        ("redirect_uri", demo::AIDBOX_REDIRECT_URI),
        ("scope", "openid"),
        ("state", "s2"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in more {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    service.post_form("/oauth/par", &fields).await
}

/// The path of a pushed request.
pub fn path_of(client: &str, request_uri: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("client_id", client);
    query.append_pair("request_uri", request_uri);
    format!("/authorize?{}", query.finish())
}

#[tokio::test]
async fn a_request_that_was_pushed_is_answered_as_if_its_parameters_stood_in_the_address() {
    let service = auth0_only().await;
    let kept = push(&service, &[]).await;
    assert_eq!(kept.status, 201, "{}", kept.raw);
    assert_eq!(kept.body["expires_in"], 60);
    let request_uri = kept.text("request_uri");
    assert!(request_uri.starts_with("urn:ietf:params:oauth:request_uri:"));
    let browser = Browser::new(&service);
    // Other parameters of the address change nothing.
    let path = format!("{}&state=another&prompt=none", path_of("web", &request_uri));
    let given = sign_in_at(&browser, &path).await;
    assert_eq!(given.parameter("state"), "s2", "{}", given.raw);
    let tokens = exchange(&service, &given.parameter("code")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn a_wrong_request_is_refused_when_it_is_pushed() {
    let service = auth0_only().await;
    for (more, status, error) in [
        (
            ("redirect_uri", "https://evil.example/"),
            400,
            "invalid_request",
        ),
        (
            ("response_type", "id_token"),
            400,
            "unsupported_response_type",
        ),
        (("scope", "another"), 400, "invalid_scope"),
        (("client_id", "nobody"), 401, "invalid_client"),
        (("client_secret", "wrong"), 401, "invalid_client"),
        (("response_mode", "jwt"), 400, "invalid_request"),
        (("request_uri", "urn:x"), 400, "invalid_request"),
        (("Prompt", "login"), 400, "invalid_request"),
        (
            ("audience", "https://another.example/"),
            403,
            "access_denied",
        ),
    ] {
        let refused = push(&service, &[more]).await;
        assert_eq!(refused.status, status, "{more:?} {}", refused.raw);
        assert_eq!(refused.body["error"], error, "{more:?}");
    }
}
