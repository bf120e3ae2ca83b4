//! The rules for a login hold at both doors: at the token endpoint for a right password, and
//! at `/authorize` for a browser that has signed in before a rule or its user changed.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::json;

use crate::attacks::auth0::multi_factor::{password_at, signed_in_by_mail};
use crate::dialects::auth0::authorization::authorize::request;
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

type Settings = &'static [(&'static str, &'static str)];

const NO_FACTOR: Settings = &[("COUNTERSIGN_MFA_POLICY", "disabled")];
const OPTIONAL: Settings = &[("COUNTERSIGN_MFA_POLICY", "optional")];
const REQUIRED: Settings = &[
    ("COUNTERSIGN_MFA_POLICY", "required"),
    ("COUNTERSIGN_MFA_GRACE_SECONDS", "0"),
];
const STRONG: Settings = &[("COUNTERSIGN_AAL_POLICY", "aal2")];
const EMAIL: Settings = &[("COUNTERSIGN_CONFIRMATION_REQUIRED", "email")];
const PHONE: Settings = &[("COUNTERSIGN_CONFIRMATION_REQUIRED", "phone")];

/// How the browser has signed in.
#[derive(Clone, Copy, Debug)]
enum SignedIn {
    Password,
    MailedCode,
    App,
}

/// What has changed since.
#[derive(Clone, Copy, Debug)]
enum Change {
    Settings(Settings),
    /// An attribute of the profile, without a new epoch.
    Profile(&'static str, bool),
}

/// What a browser meets that asks for a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Code,
    Factor,
    SignIn,
}

/// A right password of this user at the token endpoint.
async fn password_grant(service: &Service, user: &str) -> Answer {
    let body = json!({
        "grant_type": "password", "client_id": demo::CLIENT, "username": user,
        "password": demo::PASSWORD_OF_ALL, "scope": "openid",
    });
    service.post_json("/oauth/token", &body).await
}

async fn sign_in(browser: &Browser<'_>, user: &str, how: SignedIn) {
    match (how, user) {
        (SignedIn::Password, demo::PLAIN_USER) => browser.sign_in_plain().await,
        (SignedIn::Password, _) => {
            let done = password_at(browser, &request("")).await;
            assert_eq!(done.status, 303, "{}", done.raw);
        }
        (SignedIn::MailedCode, _) => {
            signed_in_by_mail(browser).await;
        }
        (SignedIn::App, _) => browser.sign_in().await,
    }
}

/// What `/authorize` answers to the browser, with and without `prompt=none`.
async fn page(browser: &Browser<'_>) -> Page {
    let silent = browser.get(&request("&prompt=none")).await;
    let asked = browser.get(&request("")).await;
    if !asked.parameter("code").is_empty() {
        assert!(!silent.parameter("code").is_empty(), "{}", silent.raw);
        return Page::Code;
    }
    assert_eq!(silent.parameter("error"), "login_required");
    assert!(asked.location().starts_with("/auth/login?"));
    match asked.location().contains("step=code") {
        true => Page::Factor,
        false => Page::SignIn,
    }
}

#[tokio::test]
async fn what_a_right_password_lacks_at_the_token_endpoint_a_session_lacks_at_authorize() {
    use Change::{Profile, Settings};
    let (plain, strong) = (demo::PLAIN_USER, demo::USER);
    let mut wrong = Vec::new();
    for (begin, user, how, change, error, expected) in [
        // Nothing that matters has changed.
        (
            OPTIONAL,
            plain,
            SignedIn::Password,
            Settings(OPTIONAL),
            None,
            Page::Code,
        ),
        (
            OPTIONAL,
            strong,
            SignedIn::App,
            Settings(REQUIRED),
            Some("mfa_required"),
            Page::Code,
        ),
        (
            OPTIONAL,
            strong,
            SignedIn::App,
            Settings(STRONG),
            Some("mfa_required"),
            Page::Code,
        ),
        (
            OPTIONAL,
            strong,
            SignedIn::MailedCode,
            Settings(REQUIRED),
            Some("mfa_required"),
            Page::Code,
        ),
        // The policy demands a second factor now.
        (
            NO_FACTOR,
            strong,
            SignedIn::Password,
            Settings(OPTIONAL),
            Some("mfa_required"),
            Page::Factor,
        ),
        (
            NO_FACTOR,
            strong,
            SignedIn::Password,
            Settings(REQUIRED),
            Some("mfa_required"),
            Page::Factor,
        ),
        (
            OPTIONAL,
            plain,
            SignedIn::Password,
            Settings(REQUIRED),
            Some("mfa_required"),
            Page::SignIn,
        ),
        (
            OPTIONAL,
            strong,
            SignedIn::MailedCode,
            Settings(STRONG),
            Some("mfa_required"),
            Page::Factor,
        ),
        // An address or a number has to be confirmed now.
        (
            OPTIONAL,
            plain,
            SignedIn::Password,
            Settings(PHONE),
            Some("access_denied"),
            Page::SignIn,
        ),
        (
            EMAIL,
            plain,
            SignedIn::Password,
            Profile("email_confirmed", false),
            Some("access_denied"),
            Page::SignIn,
        ),
        // The user has changed.
        (
            OPTIONAL,
            plain,
            SignedIn::Password,
            Profile("must_change_password", true),
            Some("password_change_required"),
            Page::SignIn,
        ),
        (
            OPTIONAL,
            plain,
            SignedIn::Password,
            Profile("active", false),
            Some("unauthorized"),
            Page::SignIn,
        ),
    ] {
        let row = format!("{begin:?} {user} {how:?} {change:?}");
        let mut service = Service::start_with(begin).await;
        let cookies = {
            let browser = Browser::new(&service);
            sign_in(&browser, user, how).await;
            browser.cookies.into_inner()
        };
        match change {
            Settings(settings) => service.take(service.restarted_with(settings)),
            Profile(name, value) => {
                let value = AttributeValue::Bool(value);
                service.set_profile(user, name, value).await;
            }
        }
        let browser = Browser::new(&service);
        *browser.cookies.borrow_mut() = cookies;
        let found = page(&browser).await;
        let token = password_grant(&service, user).await;
        let told = token.body.get("error").and_then(|error| error.as_str());
        if (found, told) != (expected, error) {
            wrong.push(format!("{row}: {found:?} {}", token.raw));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_session_that_has_enrolled_the_factor_needs_no_other_code_of_it() {
    let mut service = Service::start_with(OPTIONAL).await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    service.advance(1);
    let page_of_key = browser.get("/auth/two-factor/enable").await;
    let code = service.app_code(&crate::dialects::aidbox::pages::key(&page_of_key));
    let done = browser
        .submit(&page_of_key.form(0).with("token", &code))
        .await;
    assert_eq!(done.status, 303, "{}", done.raw);
    let cookies = browser.cookies.into_inner();
    service.take(service.restarted_with(REQUIRED));
    let browser = Browser::new(&service);
    *browser.cookies.borrow_mut() = cookies;
    assert_eq!(page(&browser).await, Page::Code);
}

#[tokio::test]
async fn a_client_gets_the_same_refusals_at_both_doors() {
    let service = Service::start().await;
    let mine = |client: &mut countersign::domain::authorization::client::Client| {
        client.redirect_uris = vec![demo::AIDBOX_REDIRECT_URI.to_owned()];
    };
    service.add_client("mine", mine).await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    for (name, value, at_token, at_authorize) in [
        ("scope", "admin", "invalid_scope", "invalid_scope"),
        (
            "audience",
            "https://other.example",
            "access_denied",
            "invalid_target",
        ),
    ] {
        let body = json!({
            "grant_type": "password", "client_id": "web", "username": demo::PLAIN_USER,
            "password": demo::PASSWORD_OF_ALL, name: value,
        });
        let token = service.post_json("/oauth/token", &body).await;
        assert_eq!(token.text("error"), at_token, "{}", token.raw);
        let asked = request(&format!("&{name}={value}"));
        let asked = asked.replace("&scope=openid+offline_access", "");
        let refused = browser.get(&asked).await;
        assert_eq!(refused.parameter("error"), at_authorize, "{name}");
    }
    // This client has the grants of a password alone, and `web` has no machine's.
    let asked = request("").replace("client_id=web", "client_id=mine");
    let refused = browser.get(&asked).await;
    assert_eq!(refused.parameter("error"), "unauthorized_client");
    let machine = json!({ "grant_type": "client_credentials", "client_id": "web" });
    let refused = service.post_json("/oauth/token", &machine).await;
    assert_eq!(
        refused.text("error"),
        "unauthorized_client",
        "{}",
        refused.raw
    );
}
