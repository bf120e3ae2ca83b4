//! `GET /auth/authorize`: from the sign-in page to a token in the fragment, or to a
//! code that the app exchanges.

use countersign_local::demo;
use insta::assert_snapshot;

use crate::faults::aws::behind_proxy;
use crate::harness::browser::Browser;
use crate::harness::proxy::Fault;
use crate::harness::{Answer, Service};

/// A code verifier, and its challenge (RFC 7636 appendix B).
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The demo app's request for a token.
pub const FOR_TOKEN: &str = "client_id=web&response_type=token&state=a%20b%26c";

/// The demo app's request for a code.
pub fn for_code() -> String {
    format!(
        "client_id=web&response_type=code&state=s1&scope=openid+offline_access&nonce=n1\
         &code_challenge={CHALLENGE}&code_challenge_method=S256"
    )
}

/// A code, for a browser that is signed in.
pub async fn code(browser: &Browser<'_>) -> String {
    let given = browser
        .get(&format!("/auth/authorize?{}", for_code()))
        .await;
    assert_eq!(given.status, 302, "{}", given.raw);
    given.parameter("code")
}

/// Exchanges a code as the demo app.
pub async fn exchange(service: &Service, code: &str, fields: &[(&str, &str)]) -> Answer {
    let mut all = vec![("grant_type", "authorization_code"), ("code", code)];
    if !fields.iter().any(|(name, _)| *name == "client_id") {
        all.push(("client_id", demo::AIDBOX_CLIENT));
    }
    all.extend_from_slice(fields);
    service.post_form("/auth/token", &all).await
}

#[tokio::test]
async fn a_person_signs_in_with_password_and_code_and_lands_at_the_app_with_a_token() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let first = browser.get(&format!("/auth/authorize?{FOR_TOKEN}")).await;
    assert_eq!(first.status, 303);
    let path = first.location().to_owned();
    assert!(path.starts_with("/auth/login?client_id=web"), "{path}");
    let step = browser
        .password(&path, demo::USER, demo::PASSWORD_OF_ALL)
        .await;
    assert_eq!(step.status, 200, "{}", step.raw);
    let form = step.form(0).with("token", &service.totp());
    assert_eq!(form.action, path, "it posts back to the same path");
    let done = browser.submit(&form).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    let last = browser.get(done.location()).await;
    assert_snapshot!(last.shown(), @r"
    302 no-store
    location: http://localhost:3000/auth#access_token=[jwt]&token_type=Bearer&expires_in=3600&scope=&state=a+b%26c&iss=https%3A%2F%2Flocalhost%3A8788%2F
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY
    ");
    assert_eq!(last.parameter("state"), "a b&c");
    let token = last.parameter("access_token");
    let user = service.get("/auth/userinfo", Some(&token)).await;
    assert_eq!(user.status, 200, "{}", user.raw);
    assert_eq!(user.body["email"], demo::USER);
}

#[tokio::test]
async fn a_code_is_exchanged_with_its_verifier_for_tokens_that_refresh() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let given = browser
        .get(&format!("/auth/authorize?{}", for_code()))
        .await;
    assert_snapshot!(given.shown(), @r"
    302 no-store
    location: http://localhost:3000/auth?code=[opaque]&state=s1&iss=https%3A%2F%2Flocalhost%3A8788%2F
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY
    ");
    let code = given.parameter("code");
    let tokens = exchange(&service, &code, &[("code_verifier", VERIFIER)]).await;
    assert_snapshot!(tokens.shown(), @r#"
    200 application/json no-store no-cache
    {
      "token_type": "Bearer",
      "expires_in": 3600,
      "access_token": "[jwt]",
      "refresh_token": "[opaque]",
      "id_token": "[jwt]",
      "userinfo": {"id":"[id]","email":"user@example.com","resourceType":"User"}
    }
    "#);
    let claims = tokens.claims("id_token");
    assert_eq!(
        (&claims["nonce"], &claims["aud"]),
        (&"n1".into(), &"web".into())
    );
    assert_eq!(claims["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
    let refresh = tokens.text("refresh_token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", "web"),
        ("refresh_token", refresh.as_str()),
    ];
    let refreshed = service.post_form("/auth/token", &fields).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
}

#[tokio::test]
async fn what_is_down_is_told_to_the_app_where_its_redirect_uri_is_known_else_on_a_page() {
    let (service, proxy) = behind_proxy().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let path = format!("/auth/authorize?{FOR_TOKEN}");
    assert_eq!(browser.get(&path).await.status, 302);
    proxy.always("GetItem", Fault::ServerError);
    let told = browser.get(&path).await;
    assert_snapshot!(told.shown(), @r"
    302 no-store
    location: http://localhost:3000/auth#error=temporarily_unavailable&error_description=try+again&state=a+b%26c&iss=https%3A%2F%2Flocalhost%3A8788%2F
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY
    ");
    // The client and its redirect URI are not checked yet.
    let path = path.replace("client_id=web", "client_id=another");
    let page = browser.get(&path).await;
    assert_eq!(page.status, 503, "{}", page.raw);
    assert!(page.header("retry-after").is_some());
}
