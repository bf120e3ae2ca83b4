//! The optional parameters of an authorization request (OpenID Connect Core 3.1.2.1,
//! RFC 8252, RFC 9207): each is honoured or refused, and everything that discovery
//! lists works.

use countersign::domain::authorization::grant::{Grant, Grants};
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::dialects::aidbox::authorization::authorize::{
    CHALLENGE, FOR_TOKEN, VERIFIER, exchange, for_code,
};
use crate::harness::browser::{Browser, Form, ORIGIN};
use crate::harness::{Answer, Service, in_turn};

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn authorize(browser: &Browser<'_>, more: &str) -> Answer {
    browser
        .get(&format!("/auth/authorize?{}&{more}", for_code()))
        .await
}

/// Checks that the request was redirected back to the app with this error.
#[track_caller]
fn is_error(answer: &Answer, error: &str) {
    assert!([302, 303].contains(&answer.status), "{}", answer.raw);
    let to = answer.location();
    assert!(to.starts_with(demo::AIDBOX_REDIRECT_URI), "{to}");
    assert_eq!(answer.parameter("error"), error, "{to}");
    assert_eq!(answer.parameter("iss"), format!("{ORIGIN}/"));
    assert_eq!(answer.parameter("code"), "");
}

#[tokio::test]
async fn an_answer_travels_as_the_app_asks_or_not_at_all() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    for (mode, joint) in [("query", '?'), ("fragment", '#')] {
        let answer = authorize(&browser, &format!("response_mode={mode}")).await;
        let expected = format!("{}{joint}code=", demo::AIDBOX_REDIRECT_URI);
        assert!(answer.location().starts_with(&expected), "{mode}");
        let answer = authorize(&browser, &format!("response_mode={mode}&prompt=x")).await;
        is_error(&answer, "invalid_request");
        let expected = format!("{}{joint}error=", demo::AIDBOX_REDIRECT_URI);
        assert!(answer.location().starts_with(&expected), "{mode}");
    }
    for mode in ["form.post", "web-message", "query.jwt", "Query"] {
        let answer = authorize(&browser, &format!("response_mode={mode}")).await;
        is_error(&answer, "invalid_request");
        assert!(answer.location().contains("?error="), "{mode}");
    }
    // A token in a query would end up in logs.
    let path = format!("/auth/authorize?{FOR_TOKEN}&response_mode=query");
    let answer = browser.get(&path).await;
    is_error(&answer, "invalid_request");
    assert!(answer.location().contains("#error="));
}

#[tokio::test]
async fn a_request_in_an_object_or_with_a_registration_is_refused_by_its_name() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let mut answers = Vec::new();
    for parameter in [
        "request=eyJhbGciOiJub25lIn0.e30.",
        "request_uri=https%3A%2F%2Fapp.example.com%2Fr",
        "registration=%7B%7D",
    ] {
        answers.push(authorize(&browser, parameter).await);
        let form = form(&format!("{}&{parameter}", for_code()));
        answers.push(browser.submit_with(&form, &[]).await);
    }
    assert_snapshot!(in_turn(&answers), @r"
    302 no-store
    location: http://localhost:3000/auth?error=request_not_supported&error_description=send+the+parameters+themselves&state=s1&iss=https%3A%2F%2Flocalhost%3A8788%2F
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY

    303 no-store
    location: http://localhost:3000/auth?error=request_not_supported&error_description=send+the+parameters+themselves&state=s1&iss=https%3A%2F%2Flocalhost%3A8788%2F
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY

    302 no-store
    location: http://localhost:3000/auth?error=request_uri_not_supported&error_description=send+the+parameters+themselves&state=s1&iss=https%3A%2F%2Flocalhost%3A8788%2F
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY

    303 no-store
    location: http://localhost:3000/auth?error=request_uri_not_supported&error_description=send+the+parameters+themselves&state=s1&iss=https%3A%2F%2Flocalhost%3A8788%2F
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY

    302 no-store
    location: http://localhost:3000/auth?error=registration_not_supported&error_description=send+the+parameters+themselves&state=s1&iss=https%3A%2F%2Flocalhost%3A8788%2F
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY

    303 no-store
    location: http://localhost:3000/auth?error=registration_not_supported&error_description=send+the+parameters+themselves&state=s1&iss=https%3A%2F%2Flocalhost%3A8788%2F
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY
    ");
}

#[tokio::test]
async fn a_wish_for_a_display_a_language_an_unknown_level_or_claims_changes_nothing() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    for wish in [
        "display=popup",
        "display=wap",
        "ui_locales=fr+en",
        "claims_locales=fr",
        "acr_values=loa3",
        "claims=%7B%22id_token%22%3A%7B%22email%22%3Anull%7D%7D",
    ] {
        let code = authorize(&browser, wish).await.parameter("code");
        let tokens = exchange(&service, &code, &[("code_verifier", VERIFIER)]).await;
        let claims = tokens.claims("id_token");
        // The token says what happened, and not what the request asked for.
        assert_eq!(claims["acr"], "aal1", "{wish}");
        assert_eq!(claims["email"], json!(null), "{wish}");
    }
}

#[tokio::test]
async fn the_name_that_the_app_knows_stands_in_the_form() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let hint = "\"'><script>alert(1)</script>@example.com";
    let sent = authorize(&browser, &format!("login_hint={}", encoded(hint))).await;
    let page = browser.get(sent.location()).await;
    assert_eq!(page.form(0).value("username"), hint);
    assert!(!page.raw.contains("<script"), "{}", page.raw);
    let long = format!("login_hint={}", "x".repeat(255));
    is_error(&authorize(&browser, &long).await, "invalid_request");
}

/// The form with which another site sends a browser here.
fn form(query: &str) -> Form {
    Form {
        action: "/auth/authorize".to_owned(),
        fields: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        ..Form::default()
    }
}

#[tokio::test]
async fn a_request_may_come_as_a_form_and_goes_on_as_an_address() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    // A browser sends no `Lax` cookie with a form from another site.
    let stranger = Browser::new(&service);
    let query = format!("{}&prompt=none&max_age=60", for_code());
    let sent = stranger.post(&form(&query), &[]).await;
    assert_snapshot!(sent.page(), @r"
    303
    location: /auth/authorize?client_id=web&response_type=code&state=s1&scope=openid+offline_access&code_challenge=[opaque]&code_challenge_method=S256&nonce=n1&prompt=none&max_age=60
    ");
    let given = browser.get(sent.location()).await;
    assert_ne!(given.parameter("code"), "", "{}", sent.location());
    assert_eq!(given.parameter("state"), "s1");
    let mut answers = Vec::new();
    for more in [
        "&prompt=none+login",
        "&x=yyyyyyyyyy",
        &*format!("&audience={}", "y".repeat(5000)),
    ] {
        let form = form(&format!("{}{more}", for_code()));
        answers.push(browser.post(&form, &[]).await);
    }
    assert_snapshot!(in_turn(&answers), @r"
    303 no-store
    location: http://localhost:3000/auth?error=invalid_request&error_description=prompt%3Dnone+stands+beside+no+other+value&state=s1&iss=https%3A%2F%2Flocalhost%3A8788%2F
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY

    303 no-store
    location: /auth/authorize?client_id=web&response_type=code&state=s1&scope=openid+offline_access&code_challenge=[opaque]&code_challenge_method=S256&nonce=n1
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY

    303 no-store
    location: http://localhost:3000/auth?error=invalid_target&error_description=the+client+is+not+allowed+this+audience&state=s1&iss=https%3A%2F%2Flocalhost%3A8788%2F
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY
    ");
    let long = form(&for_code()).with("state", &"s".repeat(5000));
    is_error(&browser.post(&long, &[]).await, "invalid_request");
    let nobody = browser.post(&form("client_id=nobody"), &[]).await;
    assert_snapshot!(nobody.page(), @r"
    400 This did not work - Countersign Demo
    Countersign Demo
    This did not work
    The app that sent you here is not known to this service.
    ");
}

#[tokio::test]
async fn a_native_app_listens_at_any_port_of_a_loopback_address_and_at_no_other_place() {
    let service = Service::start().await;
    service
        .add_client("native", |client| {
            client.grants = Grants::from([Grant::AuthorizationCode]);
            client.redirect_uris = vec![
                "http://127.0.0.1/callback".to_owned(),
                "http://[::1]:8000/callback".to_owned(),
                "http://localhost:9000/callback".to_owned(),
                "https://app.example.com/callback".to_owned(),
            ];
        })
        .await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let path = |uri: &str| {
        let challenge = format!("code_challenge={CHALLENGE}&code_challenge_method=S256");
        let uri = encoded(uri);
        format!("client_id=native&response_type=code&{challenge}&redirect_uri={uri}")
    };
    for uri in [
        "http://127.0.0.1:51234/callback",
        "http://127.0.0.1/callback",
        "http://[::1]:51234/callback",
        "http://localhost:9000/callback",
    ] {
        let given = browser.get(&format!("/auth/authorize?{}", path(uri))).await;
        let to = given.location();
        assert!(to.starts_with(&format!("{uri}?code=")), "{to}");
        let code = given.parameter("code");
        let shown = |uri| {
            let all = [
                ("code_verifier", VERIFIER),
                ("client_id", "native"),
                ("redirect_uri", uri),
            ];
            let (service, code) = (&service, code.clone());
            async move { exchange(service, &code, &all).await }
        };
        // The exchange must send exactly the same URI, with the port.
        let other = shown("http://127.0.0.1:1/callback").await;
        other.is_refused(400, "invalid_grant", "Wrong code");
        let tokens = shown(uri).await;
        assert_eq!(tokens.status, 200, "{}", tokens.raw);
    }
    let mut answers = Vec::new();
    for uri in [
        "http://localhost:51234/callback",
        "https://127.0.0.1:51234/callback",
        "http://127.0.0.1:51234/other",
        "http://127.0.0.1:51234@evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "https://app.example.com:444/callback",
    ] {
        let answer = browser.get(&format!("/auth/authorize?{}", path(uri))).await;
        answers.push(answer.page());
    }
    answers.dedup();
    assert_snapshot!(answers.join("\n\n"), @r"
    400 This did not work - Countersign Demo
    Countersign Demo
    This did not work
    The app that sent you here wants to send you to an address that is not registered for the app.
    ");
    // The policy allows the redirects of a form to end there. A policy cannot name an
    // IPv6 address.
    for (uri, source) in [
        ("http://127.0.0.1:51234/callback", "http://127.0.0.1:51234;"),
        ("http://[::1]:51234/callback", "http:;"),
    ] {
        let page = browser.get(&format!("/auth/login?{}", path(uri))).await;
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.contains(&format!("form-action 'self' {source}")),
            "{policy}"
        );
    }
}

#[tokio::test]
async fn what_discovery_lists_is_what_works() {
    let service = Service::start().await;
    let document = service.get("/.well-known/openid-configuration", None).await;
    let listed = |name: &str| -> Vec<String> {
        let values = document.body[name].as_array().unwrap().iter();
        values.map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    for kind in listed("response_types_supported") {
        for mode in listed("response_modes_supported") {
            if kind != "code" && mode == "query" {
                continue;
            }
            let query = format!(
                "client_id=web&response_type={kind}&response_mode={mode}&code_challenge={CHALLENGE}\
                 &code_challenge_method=S256&nonce=n1&scope=openid"
            );
            let given = browser.get(&format!("/auth/authorize?{query}")).await;
            let name = match kind.as_str() {
                "token" => "access_token",
                kind => kind,
            };
            if ["form_post", "web_message"].contains(&&*mode) {
                assert_eq!(given.status, 200, "{kind} {mode}");
                assert!(given.raw.contains(name), "{kind} {mode} {}", given.raw);
                assert!(
                    given.raw.contains(&document.text("issuer")),
                    "{}",
                    given.raw
                );
                continue;
            }
            assert_ne!(given.parameter(name), "", "{kind} {mode}");
            assert_eq!(given.parameter("iss"), document.text("issuer"));
        }
    }
    for prompt in listed("prompt_values_supported") {
        let given = authorize(&browser, &format!("prompt={prompt}")).await;
        assert_eq!(given.parameter("error"), "", "{prompt}");
    }
    for method in ["plain", "s256"] {
        assert!(!listed("code_challenge_methods_supported").contains(&method.to_owned()));
        let path = format!(
            "/auth/authorize?client_id=web&response_type=code&code_challenge={CHALLENGE}\
             &code_challenge_method={method}"
        );
        is_error(&browser.get(&path).await, "invalid_request");
    }
    for kind in ["id_token token", "code token", "none", "code id_token"] {
        let kind = encoded(kind);
        let path = format!("/auth/authorize?client_id=web&response_type={kind}");
        is_error(&browser.get(&path).await, "unsupported_response_type");
    }
    assert_eq!(document.body["claims_parameter_supported"], false);
    assert_eq!(document.body["request_parameter_supported"], false);
    assert_eq!(document.body["request_uri_parameter_supported"], false);
}
