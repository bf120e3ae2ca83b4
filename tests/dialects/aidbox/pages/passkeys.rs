//! Passkeys on the pages, with what the script of the pages sends.

use countersign_local::demo;
use serde_json::{Value, json};

use super::theme::sha256;
use crate::dialects::auth0::login::passkeys::authenticator::{
    Authenticator, DOMAIN, IS_COPIED, ORIGIN as APP, PRESENT, add_clients, challenge,
    demand_second_factor, request,
};
use crate::harness::browser::{Browser, Form, ORIGIN};
use crate::harness::{Answer, Service, attribute};

/// The page that adds a passkey.
pub const ADD: &str = "/auth/two-factor/passkey";
pub const SIGN_IN: &str = "/auth/login";

pub async fn start() -> Service {
    Service::start_with(&[DOMAIN]).await
}

/// An authenticator of a browser at the service.
pub fn authenticator() -> Authenticator {
    let mut authenticator = Authenticator::new();
    authenticator.origin = ORIGIN.to_owned();
    authenticator
}

/// What the script hands to the authenticator, and the form that it sends.
pub fn passkey_form(page: &Answer) -> (Value, Form) {
    let tag = page.raw.split("<form id=\"passkey\"").nth(1);
    let tag = tag.unwrap_or_else(|| panic!("no passkey in {}", page.raw));
    let options = attribute(tag.split('>').next().unwrap(), "data-options").unwrap();
    let form = page.form_of("passkey");
    (serde_json::from_str(&options).unwrap(), form)
}

/// Adds a passkey for the browser's user.
pub async fn add(browser: &Browser<'_>, authenticator: &mut Authenticator) -> Answer {
    let page = browser.get(ADD).await;
    assert_eq!(page.status, 200, "{}", page.raw);
    let (options, form) = passkey_form(&page);
    let made = authenticator.create(&options);
    browser
        .submit(&form.with("passkey", &made.to_string()))
        .await
}

/// The sign-in page at this path, with a signature of this passkey.
async fn sign_in(browser: &Browser<'_>, path: &str, authenticator: &mut Authenticator) -> Answer {
    let (options, form) = passkey_form(&browser.get(path).await);
    let signed = authenticator.sign(&options);
    browser
        .submit(&form.with("passkey", &signed.to_string()))
        .await
}

/// The user without a second factor, with a passkey that was added on the page.
async fn enrolled(service: &Service) -> Authenticator {
    let browser = Browser::new(service);
    browser.sign_in_plain().await;
    let mut authenticator = authenticator();
    let done = add(&browser, &mut authenticator).await;
    assert_eq!((done.status, done.location()), (303, "/auth/two-factor"));
    authenticator
}

#[tokio::test]
async fn a_user_adds_a_passkey_on_the_page_and_signs_in_with_it() {
    let service = start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let settings = browser.get("/auth/two-factor").await;
    assert!(settings.raw.contains("0 passkeys"), "{}", settings.raw);
    assert_eq!(settings.link("Add a passkey"), ADD);
    let mut authenticator = authenticator();
    let done = add(&browser, &mut authenticator).await;
    assert_eq!((done.status, done.location()), (303, "/auth/two-factor"));
    let notice = service.messages().first().unwrap().text.clone();
    assert!(notice.contains("A passkey was added"), "{notice}");
    // The browser's session goes on.
    let settings = browser.get("/auth/two-factor").await;
    assert!(settings.raw.contains("1 passkey<"), "{}", settings.raw);
    let another = Browser::new(&service);
    let done = sign_in(&another, SIGN_IN, &mut authenticator).await;
    assert_eq!((done.status, done.location()), (303, "/auth/two-factor"));
    let settings = another.get("/auth/two-factor").await;
    assert!(settings.raw.contains(demo::PLAIN_USER), "{}", settings.raw);
}

#[tokio::test]
async fn a_passkey_on_the_page_leads_to_the_app_of_every_dialect() {
    let service = start().await;
    let mut authenticator = enrolled(&service).await;
    for query in [
        "client_id=web&response_type=token",
        "client_id=web&response_type=token&issuer=abp",
        "client_id=web&response_type=token&issuer=aidbox&acr_values=aal2",
    ] {
        let browser = Browser::new(&service);
        let path = format!("{SIGN_IN}?{query}");
        let done = sign_in(&browser, &path, &mut authenticator).await;
        assert_eq!(done.status, 303, "{}", done.raw);
        assert!(done.location().starts_with("/auth/authorize?"), "{query}");
        let answer = browser.get(done.location()).await;
        assert!(
            !answer.parameter("access_token").is_empty(),
            "{}",
            answer.raw
        );
    }
}

#[tokio::test]
async fn a_passkey_that_has_verified_nobody_is_followed_by_the_code_on_the_page() {
    let service = start().await;
    let mut authenticator = enrolled(&service).await;
    demand_second_factor(&service, demo::PLAIN_USER).await;
    authenticator.flags = PRESENT;
    let browser = Browser::new(&service);
    let step = sign_in(&browser, SIGN_IN, &mut authenticator).await;
    assert_eq!(step.status, 200, "{}", step.raw);
    assert!(step.raw.contains("e-mail"), "{}", step.raw);
}

#[tokio::test]
async fn a_wrong_passkey_is_refused_on_the_page_and_the_next_challenge_is_good() {
    let service = start().await;
    let mut authenticator = enrolled(&service).await;
    let browser = Browser::new(&service);
    let page = browser.get(SIGN_IN).await;
    let (options, form) = passkey_form(&page);
    for wrong in ["{}", "[]"] {
        let refused = browser.submit(&form.clone().with("passkey", wrong)).await;
        assert_eq!(refused.status, 401, "{}", refused.raw);
        assert!(
            refused.raw.contains("This passkey did not work"),
            "{}",
            refused.raw
        );
    }
    let flagged = authenticator.sign_spoiled(&options, |it| it.data[32] |= IS_COPIED);
    let refused = browser
        .submit(&form.clone().with("passkey", &flagged.to_string()))
        .await;
    assert_eq!(refused.status, 401, "{}", refused.raw);
    // From the origin of an app, and after the challenge has ended.
    authenticator.origin = "https://localhost:3000".to_owned();
    let signed = authenticator.sign(&options);
    let refused = browser
        .submit(&form.clone().with("passkey", &signed.to_string()))
        .await;
    assert_eq!(refused.status, 401, "{}", refused.raw);
    authenticator.origin = ORIGIN.to_owned();
    let signed = authenticator.sign(&options).to_string();
    service.advance(300);
    let refused = browser.submit(&form.with("passkey", &signed)).await;
    assert_eq!(refused.status, 401, "{}", refused.raw);
    let done = sign_in(&browser, SIGN_IN, &mut authenticator).await;
    assert_eq!(done.status, 303, "{}", done.raw);
}

#[tokio::test]
async fn the_form_of_a_passkey_works_once_and_in_its_browser_only() {
    let service = start().await;
    let mut authenticator = enrolled(&service).await;
    let browser = Browser::new(&service);
    let (options, form) = passkey_form(&browser.get(SIGN_IN).await);
    let signed = form.with("passkey", &authenticator.sign(&options).to_string());
    // Another site's form would sign its victim in as somebody else.
    let another = Browser::new(&service);
    assert_eq!(another.submit(&signed).await.status, 403);
    let foreign = [("sec-fetch-site", "cross-site")];
    assert_eq!(browser.submit_with(&signed, &foreign).await.status, 403);
    assert_eq!(browser.submit(&signed).await.status, 303);
    assert_eq!(browser.submit(&signed).await.status, 401);
}

#[tokio::test]
async fn the_page_that_adds_a_passkey_wants_a_young_session_and_a_new_form() {
    let service = start().await;
    let browser = Browser::new(&service);
    let page = browser.get(ADD).await;
    assert_eq!((page.status, page.location()), (303, SIGN_IN));
    browser.sign_in_plain().await;
    let (options, form) = passkey_form(&browser.get(ADD).await);
    let made = authenticator().create(&options).to_string();
    let signed = form.clone().with("passkey", &made);
    let foreign = [("sec-fetch-site", "cross-site")];
    assert_eq!(browser.submit_with(&signed, &foreign).await.status, 403);
    let forged = signed.clone().with("csrf", "AAAA");
    assert_eq!(browser.submit(&forged).await.status, 403);
    let refused = browser.submit(&form.with("passkey", "{}")).await;
    assert_eq!(refused.status, 401, "{}", refused.raw);
    // The passkey of another session.
    let another = Browser::new(&service);
    another.sign_in_plain().await;
    let (_, own) = passkey_form(&another.get(ADD).await);
    let stolen = own.with("passkey", &made);
    assert_eq!(another.submit(&stolen).await.status, 401);
    service.advance(601);
    let page = browser.get(ADD).await;
    assert_eq!(page.status, 403, "{}", page.raw);
    assert!(page.raw.contains("Sign in again"), "{}", page.raw);
}

#[tokio::test]
async fn the_pages_with_passkeys_allow_their_own_script_alone() {
    let service = start().await;
    let browser = Browser::new(&service);
    let sign_in = browser.get(SIGN_IN).await;
    assert!(sign_in.raw.contains("autocomplete=\"username webauthn\""));
    browser.sign_in_plain().await;
    for page in [sign_in, browser.get(ADD).await] {
        let script = page.raw.split("<script>").nth(1).unwrap();
        let script = script.split("</script>").next().unwrap();
        let policy = page.header("content-security-policy").unwrap();
        let allowed = format!("; script-src 'sha256-{}'", sha256(script));
        assert!(policy.ends_with(&allowed), "{policy}");
        assert_eq!(page.raw.matches("<script").count(), 1);
    }
}

#[tokio::test]
async fn without_a_domain_of_passkeys_the_pages_are_as_before() {
    let elsewhere = [
        ("COUNTERSIGN_WEB_DOMAIN", "example.com"),
        ("COUNTERSIGN_PASSKEY_DOMAIN", "example.com"),
    ];
    for settings in [&[][..], &elsewhere] {
        let service = Service::start_with(settings).await;
        let browser = Browser::new(&service);
        let page = browser.get(SIGN_IN).await;
        assert!(!page.raw.contains("passkey"), "{}", page.raw);
        let mut form = page.form(0);
        form.fields
            .push(("passkey".to_owned(), json!({}).to_string()));
        form.fields
            .push(("auth_session".to_owned(), "AAAA".to_owned()));
        assert_ne!(browser.submit(&form).await.status, 303);
        browser.sign_in_plain().await;
        let settings = browser.get("/auth/two-factor").await;
        assert!(!settings.raw.contains("passkey"), "{}", settings.raw);
        let page = browser.get(ADD).await;
        assert_eq!((page.status, page.location()), (303, "/auth/two-factor"));
    }
}

#[tokio::test]
async fn a_challenge_of_the_page_is_worth_nothing_at_an_app_and_an_apps_nothing_on_the_page() {
    let service = start().await;
    add_clients(&service).await;
    let mut authenticator = enrolled(&service).await;
    let browser = Browser::new(&service);
    let (options, form) = passkey_form(&browser.get(SIGN_IN).await);
    let mut asked = challenge(&service, "mine").await;
    authenticator.origin = APP.to_owned();
    let signed = authenticator.sign(&options);
    let mut body = request("mine", &asked, signed);
    body["auth_session"] = json!(form.value("auth_session"));
    let refused = service.post_json("/oauth/token", &body).await;
    assert_eq!(refused.text("error"), "invalid_grant", "{}", refused.raw);
    authenticator.origin = ORIGIN.to_owned();
    let signed = authenticator.sign(&asked.body["authn_params_public_key"]);
    let session = asked.text("auth_session");
    let form = form.with("auth_session", &session);
    let refused = browser
        .submit(&form.with("passkey", &signed.to_string()))
        .await;
    assert_eq!(refused.status, 401, "{}", refused.raw);
    // With its own origin, the passkey of the page signs in at the app.
    authenticator.origin = APP.to_owned();
    asked = challenge(&service, "mine").await;
    let signed = authenticator.sign(&asked.body["authn_params_public_key"]);
    let body = request("mine", &asked, signed);
    let tokens = service.post_json("/oauth/token", &body).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}
