//! Attacks on the pages: forged forms, planted cookies, reflected text, stale
//! sessions, and questions about who has an account.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;

use crate::dialects::aidbox::authorization::authorize::FOR_TOKEN;
use crate::dialects::aidbox::pages::{enable, key};
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD};
use crate::harness::browser::{Browser, Form, ORIGIN};
use crate::harness::{Answer, Service, unescape};

const OWN: [(&str, &str); 2] = [("origin", ORIGIN), ("sec-fetch-site", "same-origin")];

fn is_forged(answer: &Answer) {
    assert_eq!(answer.status, 403, "{}", answer.raw);
    assert!(
        answer.raw.contains("not sent by this browser"),
        "{}",
        answer.raw
    );
    assert_eq!(answer.header("set-cookie"), None);
}

/// Sends a valid form of this browser in every forbidden way.
async fn cannot_be_forged(browser: &Browser<'_>, stranger: &Browser<'_>, form: &Form) {
    is_forged(&browser.submit(&form.clone().without("csrf")).await);
    is_forged(&browser.submit(&form.clone().with("csrf", "AAAA")).await);
    // A token of another browser, and a token of another step.
    let theirs = stranger.get("/auth/login").await.form(0);
    let theirs = form.clone().with("csrf", theirs.value("csrf"));
    is_forged(&browser.submit(&theirs).await);
    for headers in [
        [("origin", "https://evil.example"), ("x-none", "")],
        [("origin", "http://localhost:8788"), ("x-none", "")],
        [
            ("origin", "https://localhost:8788.evil.example"),
            ("x-none", ""),
        ],
        [("origin", "null"), ("sec-fetch-site", "cross-site")],
        [("origin", ORIGIN), ("sec-fetch-site", "same-site")],
    ] {
        is_forged(&browser.submit_with(form, &headers).await);
    }
    // Without its cookies, a browser is unknown.
    is_forged_or_signed_out(&stranger.submit(form).await);
}

fn is_forged_or_signed_out(answer: &Answer) {
    match answer.status {
        303 => assert_eq!(answer.location(), "/auth/login"),
        _ => is_forged(answer),
    }
}

#[tokio::test]
async fn no_form_is_taken_from_another_site_or_another_browser() {
    let service = Service::start().await;
    let (browser, stranger) = (Browser::new(&service), Browser::new(&service));
    let form = browser.get("/auth/login").await.form(0);
    let form = form.with("username", demo::USER);
    let form = form.with("password", demo::PASSWORD_OF_ALL);
    cannot_be_forged(&browser, &stranger, &form).await;
    let step = browser.submit_with(&form, &OWN).await;
    assert_eq!(step.status, 200, "{}", step.raw);
    let code = step.form(0).with("token", &service.totp());
    cannot_be_forged(&browser, &stranger, &code).await;
    cannot_be_forged(&browser, &stranger, &step.form_of("by e-mail")).await;
    assert_eq!(service.messages().len(), 0);
    let done = browser.submit_with(&code, &OWN).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    let disable = browser.get("/auth/two-factor/disable").await;
    cannot_be_forged(&browser, &stranger, &disable.form(0)).await;
    let settings = browser.get("/auth/two-factor").await;
    let mut out = settings.form_of("Sign out");
    cannot_be_forged_out(&browser, &out).await;
    out = out.with("csrf", settings.form_of("Sign out").value("csrf"));
    assert_eq!(browser.submit(&out).await.status, 303);
    assert_eq!(
        browser.get("/auth/two-factor").await.location(),
        "/auth/login"
    );
    for path in ["/auth/signup", "/auth/forgot"] {
        let form = browser.get(path).await.form(0);
        let form = form.with("email", EMAIL).with("password", PASSWORD);
        cannot_be_forged(&browser, &stranger, &form).await;
    }
    assert_eq!(service.messages().len(), 0);
}

/// A forged sign-out leaves the browser signed in.
async fn cannot_be_forged_out(browser: &Browser<'_>, form: &Form) {
    is_forged(&browser.submit(&form.clone().without("csrf")).await);
    let evil = [("origin", "https://evil.example")];
    is_forged(&browser.submit_with(form, &evil).await);
    assert_eq!(browser.get("/auth/two-factor").await.status, 200);
}

#[tokio::test]
async fn the_forms_of_one_user_are_not_taken_with_the_cookie_of_another() {
    let service = Service::start().await;
    let (plain, strong) = (Browser::new(&service), Browser::new(&service));
    plain.sign_in_plain().await;
    strong.sign_in().await;
    let form = plain.get("/auth/two-factor/enable").await.form(0);
    let form = form.with("token", "000000");
    is_forged(&strong.submit(&form).await);
    let disable = strong.get("/auth/two-factor/disable").await.form(0);
    is_forged(&plain.submit(&disable.with("token", &service.totp())).await);
}

#[tokio::test]
async fn the_code_form_of_one_login_is_not_taken_in_another() {
    let service = Service::start().await;
    let (one, other) = (Browser::new(&service), Browser::new(&service));
    let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
    let of_one = one.password("/auth/login", user, password).await.form(0);
    let of_other = other.password("/auth/login", user, password).await.form(0);
    let code = of_other.with("token", &service.totp());
    let mixed = code.clone().with("csrf", of_one.value("csrf"));
    is_forged(&other.submit(&mixed).await);
    assert_eq!(other.submit(&code).await.status, 303);
}

#[tokio::test]
async fn a_session_that_was_planted_before_is_not_the_one_after_the_sign_in() {
    let service = Service::start().await;
    let attacker = Browser::new(&service);
    attacker.sign_in_plain().await;
    let planted = attacker.cookie("__Host-countersign").unwrap();
    let victim = Browser::new(&service);
    let known = ("__Host-countersign".to_owned(), planted.clone());
    victim.cookies.borrow_mut().extend([known]);
    victim.sign_in().await;
    let own = victim.cookie("__Host-countersign").unwrap();
    assert_ne!(own, planted);
    // The same user's live session does not continue either.
    let again = Browser::new(&service);
    again.sign_in_plain().await;
    let known = again.cookie("__Host-countersign").unwrap();
    again.sign_in_plain().await;
    assert_ne!(again.cookie("__Host-countersign").unwrap(), known);
    // The planted session has ended too, and was never the victim's.
    let settings = attacker.get("/auth/two-factor").await;
    assert_eq!(settings.location(), "/auth/login");
    for forged in ["", "x", &"A".repeat(120), &own[..own.len() - 2]] {
        let browser = Browser::new(&service);
        let known = ("__Host-countersign".to_owned(), forged.to_owned());
        browser.cookies.borrow_mut().extend([known]);
        assert_eq!(
            browser.get("/auth/two-factor").await.location(),
            "/auth/login"
        );
    }
}

#[tokio::test]
async fn a_sign_out_ends_the_session_for_whoever_has_its_cookie() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let thief = Browser::new(&service);
    thief.cookies.replace(browser.cookies.borrow().clone());
    assert_eq!(thief.get("/auth/two-factor").await.status, 200);
    let settings = browser.get("/auth/two-factor").await;
    browser.submit(&settings.form_of("Sign out")).await;
    assert_eq!(
        thief.get("/auth/two-factor").await.location(),
        "/auth/login"
    );
    let answer = thief.get(&format!("/auth/authorize?{FOR_TOKEN}")).await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn a_session_ends_with_its_time_and_with_a_change_that_another_one_made() {
    let service = Service::start().await;
    let (one, other) = (Browser::new(&service), Browser::new(&service));
    one.sign_in_plain().await;
    other.sign_in_plain().await;
    enable(&one).await;
    assert_eq!(
        one.get("/auth/two-factor").await.status,
        200,
        "it moves along"
    );
    assert_eq!(
        other.get("/auth/two-factor").await.location(),
        "/auth/login"
    );
    let strong = Browser::new(&service);
    strong.sign_in().await;
    service.advance(43_199);
    assert_eq!(strong.get("/auth/two-factor").await.status, 200);
    service.advance(1);
    assert_eq!(
        strong.get("/auth/two-factor").await.location(),
        "/auth/login"
    );
}

#[tokio::test]
async fn an_old_session_without_a_factor_shows_no_key_and_enrols_none() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let page = browser.get("/auth/two-factor/enable").await;
    let key = key(&page);
    service.advance(600);
    let old = browser.get("/auth/two-factor/enable").await;
    assert_eq!(old.status, 403, "{}", old.raw);
    assert!(!old.raw.contains("<svg") && !old.raw.contains("<code>"));
    // The session may still confirm the seed that it was shown while it was recent,
    // because the seed is its own. Another session may not.
    let other = Browser::new(&service);
    other.sign_in_plain().await;
    let form = other.get("/auth/two-factor/enable").await.form(0);
    let done = other
        .submit(&form.with("token", &service.app_code(&key)))
        .await;
    assert_eq!(done.status, 401, "{}", done.raw);
    assert!(!service.account(demo::PLAIN_USER).await.user.two_factor);
}

#[tokio::test]
async fn nothing_is_disabled_without_a_right_code_of_the_strongest_factor() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let page = browser.get("/auth/two-factor/disable").await;
    let none = browser.submit(&page.form(0)).await;
    assert_eq!(none.status, 400, "{}", none.raw);
    assert!(none.raw.contains("Enter the code."), "{}", none.raw);
    // The code was used to sign in.
    let used = page.form(0).with("token", &service.totp());
    let used = browser.submit(&used).await;
    assert_eq!(used.status, 401, "{}", used.raw);
    service.advance(30);
    let right: u32 = service.totp().parse().unwrap();
    let wrong = format!("{:06}", (right + 1) % 1_000_000);
    let wrong = browser.submit(&page.form(0).with("token", &wrong)).await;
    assert_eq!(wrong.status, 401, "{}", wrong.raw);
    let sent = browser.submit(&page.form_of("by e-mail")).await;
    let weak = sent.form(0).with("token", &service.newest_code());
    let weak = browser.submit(&weak).await;
    assert_eq!(weak.status, 403, "{}", weak.raw);
    assert!(service.account(demo::USER).await.user.two_factor);
    let mut required = service;
    required.take(required.restarted_with(&[("COUNTERSIGN_MFA_POLICY", "required")]));
    required.advance(30);
    let browser = Browser::new(&required);
    browser.sign_in().await;
    let kept = browser.get("/auth/two-factor/disable").await;
    assert_eq!(kept.status, 403, "{}", kept.raw);
}

#[tokio::test]
async fn whatever_a_request_says_is_escaped_where_a_page_repeats_it() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let evil = "\"'><script>alert(1)</script>&lt;";
    let encoded: String = url::form_urlencoded::byte_serialize(evil.as_bytes()).collect();
    for name in [
        "state",
        "scope",
        "nonce",
        "audience",
        "code_challenge",
        "prompt",
        "next",
    ] {
        for path in ["login", "signup", "forgot"] {
            let query = format!("{FOR_TOKEN}&{name}={encoded}").replace("&state=a%20b%26c", "");
            let page = browser.get(&format!("/auth/{path}?{query}")).await;
            assert_eq!(page.status, 200, "{}", page.raw);
            assert!(!page.raw.contains("<script"), "{name}: {}", page.raw);
        }
    }
    let form = browser.get("/auth/login").await.form(0);
    let form = form.with("username", evil).with("password", "x");
    let page = browser.submit(&form).await;
    assert_eq!(page.status, 401, "{}", page.raw);
    assert!(!page.raw.contains("<script"), "{}", page.raw);
    assert_eq!(page.form(0).value("username"), evil);
    let form = browser.get("/auth/signup").await.form(0);
    let form = form.with("email", evil).with("password", PASSWORD);
    let page = browser.submit(&form).await;
    assert_eq!(page.status, 400, "{}", page.raw);
    assert!(!page.raw.contains("<script"), "{}", page.raw);
    let reset = format!("/auth/reset?user={}&token={encoded}", "a".repeat(32));
    let page = browser.get(&reset).await;
    assert!(!page.raw.contains("<script"), "{}", page.raw);
}

#[tokio::test]
async fn the_name_of_a_user_is_escaped_in_the_settings() {
    let service = Service::start().await;
    let evil = "\"'><script>alert(1)</script>&lt;";
    let name = AttributeValue::S(evil.to_owned());
    service.set_profile(demo::PLAIN_USER, "email", name).await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let page = browser.get("/auth/two-factor").await;
    let told = page.raw.split("Signed in as <strong>").nth(1).unwrap();
    let told = told.split("</strong>").next().unwrap();
    assert_eq!(unescape(told), evil);
    assert!(!page.raw.contains("<script"), "{}", page.raw);
}

#[tokio::test]
async fn no_parameter_leads_a_sign_in_to_another_site() {
    let service = Service::start().await;
    for name in [
        "next",
        "return_to",
        "returnUrl",
        "redirect_uri",
        "continue",
        "url",
    ] {
        let browser = Browser::new(&service);
        let path = format!("/auth/login?{name}=https%3A%2F%2Fevil.example");
        let mut form = browser.get(&path).await.form(0);
        form.action = path;
        let form = form
            .with("username", demo::PLAIN_USER)
            .with("password", demo::PASSWORD_OF_ALL)
            .with(name, "https://evil.example");
        let done = browser.submit(&form).await;
        assert_eq!(
            (done.status, done.location()),
            (303, "/auth/two-factor"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_sign_in_says_the_same_of_an_unknown_name_and_a_wrong_password() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let mut told = Vec::new();
    for name in [demo::USER, demo::PLAIN_USER, "nobody@example.net"] {
        let page = browser
            .password("/auth/login", name, "wrong password")
            .await;
        let csrf = page.form(0).value("csrf").to_owned();
        let plain = page.raw.replace(name, "NAME").replace(&csrf, "CSRF");
        told.push((page.status, plain));
    }
    assert_eq!(told[0].0, 401);
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
}

#[tokio::test]
async fn a_sign_up_and_a_forgotten_password_say_the_same_whoever_has_an_account() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let mut told = Vec::new();
    for email in [demo::PLAIN_USER, EMAIL] {
        let form = browser.get("/auth/signup").await.form(0);
        let page = browser
            .submit(&form.with("email", email).with("password", NEW_PASSWORD))
            .await;
        told.push((page.status, page.raw));
    }
    assert_eq!(told[0].0, 200);
    assert_eq!(told[0], told[1]);
    // Only the mailboxes learn which it was.
    let links: Vec<bool> = service
        .messages()
        .iter()
        .rev()
        .map(|one| one.text.contains("/auth/reset?"))
        .collect();
    assert_eq!(links, [true, false]);
    let mut told = Vec::new();
    for email in [demo::PLAIN_USER, "nobody@example.net", "no address"] {
        let form = browser.get("/auth/forgot").await.form(0);
        let page = browser.submit(&form.with("email", email)).await;
        told.push((page.status, page.raw));
    }
    assert_eq!(told[0].0, 200);
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
    // A person who signs up with another's address does not get that account.
    let stolen = browser
        .password("/auth/login", demo::PLAIN_USER, NEW_PASSWORD)
        .await;
    assert_eq!(stolen.status, 401, "{}", stolen.raw);
}
