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
use crate::harness::snapshot::by_shape;
use crate::harness::{Answer, Service, attribute, in_turn};

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
    assert_snapshot!(page.page(), @r"
    200 Going on to the app
    form http://localhost:3000/auth
    [code=[opaque]]
    [state=s1]
    [iss=https://localhost:8788/]
    Go on to the app
    document.forms[0].submit()
    ");
    assert_snapshot!(policy(&page), @r"
    default-src 'none';
    script-src 'sha256-[hash]';
    form-action http://localhost:3000;
    frame-ancestors 'none';
    base-uri 'none'
    ");
    let tokens = exchange(&service, page.form(0).value("code")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let refused = request("&response_mode=form_post&prompt=none&max_age=0");
    let refused = browser.get(&refused).await;
    assert_snapshot!(refused.page(), @r"
    200 Going on to the app
    form http://localhost:3000/auth
    [error=login_required]
    [error_description=nobody is signed in who may be taken]
    [state=s1]
    [iss=https://localhost:8788/]
    Go on to the app
    document.forms[0].submit()
    ");
}

/// The content security policy of a page, one directive a line.
fn policy(page: &Answer) -> String {
    let policy = page.header("content-security-policy").unwrap();
    let word = |word: &str| match word.split_once("'sha256-") {
        Some((_, hash)) => format!("'sha256-[hash]{}", &hash[hash.find('\'').unwrap()..]),
        None => word.to_owned(),
    };
    let words: Vec<String> = policy.split(' ').map(word).collect();
    words.join(" ").replace("; ", ";\n")
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
    assert_snapshot!(by_shape(&refused.to_string()), @r#"{"error":"login_required","error_description":"nobody is signed in who may be taken","state":"s1","iss":"https://localhost:8788/"}"#);
    browser.sign_in_plain().await;
    let page = browser.get(&silent).await;
    let script = script(&page);
    assert!(script.contains("window.opener||window.parent"), "{script}");
    assert!(script.contains("\"authorization_response\""), "{script}");
    assert_snapshot!(page.page(), @r#"
    200 Going on to the app
    const d=document.body.dataset;(window.opener||window.parent).postMessage({type:"authorization_response",response:JSON.parse(d.response)},d.to)
    "#);
    assert_snapshot!(policy(&page), @r"
    default-src 'none';
    script-src 'sha256-[hash]';
    form-action 'none';
    frame-ancestors http://localhost:3000;
    base-uri 'none'
    ");
    assert_eq!(page.header("x-frame-options"), None);
    let (to, response) = message(&page);
    assert_eq!(to, demo::WEB_ORIGIN);
    assert_snapshot!(by_shape(&response.to_string()), @r#"{"code":"[opaque]","state":"s1","iss":"https://localhost:8788/"}"#);
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
    assert_snapshot!(kept.shown(), @r#"
    201 application/json no-store no-cache
    {"request_uri":"urn:ietf:params:oauth:request_uri:1.[opaque]","expires_in":60}
    "#);
    let request_uri = kept.text("request_uri");
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
    let mut answers = Vec::new();
    for wrong in [
        ("redirect_uri", "https://evil.example/"),
        ("response_type", "code id_token"),
        ("scope", "another"),
        ("client_id", "nobody"),
        ("client_secret", "wrong"),
        ("response_mode", "jwt"),
        ("request_uri", "urn:x"),
        ("Prompt", "login"),
        ("audience", "https://another.example/"),
    ] {
        answers.push(push(&service, &[wrong]).await);
    }
    assert_snapshot!(in_turn(&answers), @r#"
    400 application/json no-store no-cache
    {
      "error": "invalid_request",
      "error_description": "The redirect_uri is not in the client's list of allowed callback URLs."
    }

    400 application/json no-store no-cache
    {"error":"unsupported_response_type","error_description":"The response_type has to be code, token or id_token."}

    400 application/json no-store no-cache
    {"error":"invalid_scope","error_description":"The client may not ask for one of these scopes."}

    401 application/json no-store no-cache
    {"error":"invalid_client","error_description":"Client authentication failed."}

    401 application/json no-store no-cache
    {"error":"invalid_client","error_description":"Client authentication failed."}

    400 application/json no-store no-cache
    {
      "error": "invalid_request",
      "error_description": "response_mode must be query, fragment, form_post or web_message"
    }

    400 application/json no-store no-cache
    {"error":"invalid_request","error_description":"Send the parameters themselves."}

    400 application/json no-store no-cache
    {"error":"invalid_request","error_description":"Write the name of this parameter exactly so: prompt"}

    403 application/json no-store no-cache
    {"error":"access_denied","error_description":"The client may not ask for this audience."}
    "#);
}
