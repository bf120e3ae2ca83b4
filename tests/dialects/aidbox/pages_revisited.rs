//! Aidbox's pages when a user goes back, reloads, opens a second tab, or follows a link
//! twice; and the fields that a password manager finds.

use countersign_local::demo;

use crate::dialects::aidbox::authorize::{FOR_TOKEN, for_code};
use crate::dialects::aidbox::pages::{enable, key};
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD};
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

const OWN: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];

/// The path of the link in the newest message.
fn newest_path(service: &Service) -> String {
    let link = service.newest_link();
    service.watch_secret(&service.link_parameter("token"));
    format!("{}?{}", link.path(), link.query().unwrap())
}

async fn send(browser: &Browser<'_>, path: &str, email: &str) -> Answer {
    let form = browser.get(path).await.form(0).with("email", email);
    browser.submit(&form.with("password", PASSWORD)).await
}

#[tokio::test]
async fn a_dead_link_says_so_before_a_password_is_typed_and_offers_a_new_one() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    send(&browser, "/auth/forgot", demo::PLAIN_USER).await;
    let path = newest_path(&service);
    let live = browser.get(&path).await;
    assert!(live.raw.contains("name=\"new_password\""), "{}", live.raw);
    let form = live.form(0).with("new_password", NEW_PASSWORD);
    assert_eq!(browser.submit(&form).await.status, 200);
    let forged = format!("/auth/reset?user={}&token=x", "a".repeat(32));
    for path in [path.as_str(), forged.as_str()] {
        let dead = browser.get(path).await;
        assert_eq!(dead.status, 400, "{}", dead.raw);
        assert!(!dead.raw.contains("new_password"), "{}", dead.raw);
        assert!(dead.raw.contains("not valid any more"), "{}", dead.raw);
        assert!(dead.link("Send a new link").starts_with("/auth/forgot"));
    }
    // A form that was open before gets the same answer.
    let late = browser.submit(&form).await;
    assert_eq!(late.status, 400, "{}", late.raw);
    assert!(late.raw.contains("not valid any more"), "{}", late.raw);

    send(&browser, "/auth/signup", EMAIL).await;
    let path = newest_path(&service);
    service.advance(86_400);
    let dead = browser.get(&path).await;
    assert_eq!(dead.status, 400, "{}", dead.raw);
    assert!(dead.raw.contains("we send you another one"), "{}", dead.raw);
    // A sign-in sends the link.
    let asked = browser.password("/auth/login", EMAIL, PASSWORD).await;
    browser.submit(&asked.form_of("Send another")).await;
    let path = newest_path(&service);
    let page = browser.get(&path).await;
    browser.submit(&page.form_of("Confirm")).await;
    let again = browser.get(&path).await;
    assert_eq!(again.status, 200, "{}", again.raw);
    assert!(again.raw.contains("address is confirmed"), "{}", again.raw);
}

#[tokio::test]
async fn every_form_is_answered_by_a_redirect_so_that_back_and_reload_send_nothing_twice() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let login = browser.get("/auth/login").await.form(0);
    let user = login.clone().with("username", demo::USER);
    let right = user.clone().with("password", demo::PASSWORD_OF_ALL);
    let mut answers = vec![
        browser.post(&login, &OWN).await,
        browser.post(&user.with("password", "wrong"), &OWN).await,
        browser.post(&right, &OWN).await,
    ];
    let to = answers.last().unwrap().location().to_owned();
    let step = browser.get(&to).await;
    // Reloading the page of the code requests only the page, and charges nothing.
    assert_eq!(browser.get(&to).await.raw, step.raw);
    let code = step.form(0);
    for form in [
        code.clone(),
        code.clone().with("token", "000000"),
        step.form_of("by e-mail"),
        step.form_of("by e-mail"),
        code.with("token", &service.totp()),
    ] {
        answers.push(browser.post(&form, &OWN).await);
    }
    // Going back to the page of the code leads onward.
    assert_eq!(browser.get(&to).await.location(), "/auth/two-factor");
    let disable = browser.get("/auth/two-factor/disable").await;
    answers.push(browser.post(&disable.form(0), &OWN).await);
    answers.push(browser.post(&disable.form_of("by SMS"), &OWN).await);
    for path in ["/auth/signup", "/auth/forgot"] {
        let form = browser.get(path).await.form(0);
        answers.push(browser.post(&form, &OWN).await);
        let form = form.with("email", EMAIL).with("password", PASSWORD);
        answers.push(browser.post(&form, &OWN).await);
    }
    for answer in answers {
        assert_eq!(answer.status, 303, "{}", answer.raw);
        assert!(answer.location().starts_with("/auth/"), "{}", answer.raw);
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_once_and_by_nobody_else() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let wrong = browser.password("/auth/login", demo::USER, "wrong").await;
    assert!(wrong.raw.contains("name or the password is wrong"));
    assert_eq!(wrong.form(0).value("username"), demo::USER);
    let again = browser.get("/auth/login").await;
    assert!(!again.raw.contains("is wrong"), "{}", again.raw);
    // A message that no page of ours wrote is not shown, and neither is a message for
    // another page.
    let form = browser.get("/auth/login").await.form(0);
    let said = browser.post(&form, &OWN).await;
    let value = browser.cookie("__Host-countersign-said").unwrap();
    assert_eq!(said.status, 303);
    let other = browser.get("/auth/signup").await;
    assert!(!other.raw.contains("Enter your"), "{}", other.raw);
    let forged = format!("f{}", value.get(1..).unwrap());
    for value in [forged.as_str(), "x~y", "x"] {
        let stranger = Browser::new(&service);
        let known = ("__Host-countersign-said".to_owned(), value.to_owned());
        stranger.cookies.borrow_mut().extend([known]);
        assert_eq!(stranger.get("/auth/login").await.status, 200, "{value}");
    }
}

#[tokio::test]
async fn recovery_codes_are_seen_again_in_that_visit_only_and_can_be_kept() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let (_, codes) = enable(&browser).await;
    for _ in 0..2 {
        let page = browser.get("/auth/two-factor").await;
        let all = |code: &String| page.raw.contains(&format!("<li><code>{code}</code>"));
        assert!(codes.iter().all(all), "{}", page.raw);
        let file = page.link("Save as a file");
        let text = format!(
            "data:text/plain;charset=utf-8,{}%0D%0A",
            codes.join("%0D%0A")
        );
        assert_eq!(file, text);
    }
    let sealed = browser.cookie("__Host-countersign-codes").unwrap();
    assert!(codes.iter().all(|code| !sealed.contains(code)));
    // Another session of the same browser does not see the recovery codes.
    let other = Browser::new(&service);
    other.sign_in().await;
    let known = ("__Host-countersign-codes".to_owned(), sealed.clone());
    other.cookies.borrow_mut().extend([known]);
    let page = other.get("/auth/two-factor").await;
    assert!(!page.raw.contains("recovery codes"), "{}", page.raw);
    let page = browser.get("/auth/two-factor").await;
    let done = browser.submit(&page.form_of("I have kept them")).await;
    assert_eq!(done.location(), "/auth/two-factor");
    assert!(browser.cookie("__Host-countersign-codes").is_none());
    // A person who keeps the cookie can see the codes for fifteen minutes.
    let known = ("__Host-countersign-codes".to_owned(), sealed);
    browser.cookies.borrow_mut().extend([known]);
    service.advance(900);
    let page = browser.get("/auth/two-factor").await;
    assert!(!page.raw.contains("recovery codes"), "{}", page.raw);
}

#[tokio::test]
async fn an_authenticator_app_on_the_same_device_is_opened_by_a_link() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let page = browser.get("/auth/two-factor/enable").await;
    let link = page.link("Open in an authenticator app");
    assert!(link.starts_with("otpauth://totp/"), "{link}");
    assert!(link.contains(&format!("secret={}", key(&page))), "{link}");
}

#[tokio::test]
async fn a_recovery_code_in_the_apps_field_signs_nobody_in_and_is_told_where_it_belongs() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
    let step = browser.password("/auth/login", user, password).await;
    assert!(
        step.raw
            .contains(&format!("For the account <strong>{user}<")),
        "{}",
        step.raw
    );
    let form = step.form(0).with("token", demo::RECOVERY_CODE);
    let wrong = browser.submit(&form).await;
    assert!([400, 401].contains(&wrong.status), "{}", wrong.raw);
    assert!(wrong.raw.contains("has a page of its own"), "{}", wrong.raw);
    let page = browser.get(&wrong.link("Use a recovery code")).await;
    let form = page.form(0).with("token", demo::RECOVERY_CODE);
    assert_eq!(browser.submit(&form).await.status, 303);
}

#[tokio::test]
async fn a_sign_in_in_a_second_tab_breaks_no_form_of_the_first() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let path = format!("/auth/login?{FOR_TOKEN}");
    let first = browser.get(&path).await.form(0);
    browser.sign_in().await;
    service.advance(30);
    let plain = first
        .with("username", demo::PLAIN_USER)
        .with("password", demo::PASSWORD_OF_ALL);
    let done = browser.submit(&plain).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    assert!(done.location().starts_with("/auth/authorize?client_id=web"));
    // Two tabs, each with a code form. The older tab says what happened, and where to
    // go on.
    let one = Browser::new(&service);
    let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
    let older = one.password(&path, user, password).await.form(0);
    one.password("/auth/login", user, password).await;
    let late = one.submit(&older.with("token", &service.totp())).await;
    assert_eq!(late.status, 403, "{}", late.raw);
    assert!(late.raw.contains("in another tab"), "{}", late.raw);
    let on = one.get(&late.link("Go on")).await;
    assert!(on.form(0).action.contains("client_id=web"), "{}", on.raw);
}

#[tokio::test]
async fn a_password_manager_finds_whose_password_is_new_and_the_rule_stands_before_it_fails() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    send(&browser, "/auth/forgot", demo::PLAIN_USER).await;
    let page = browser.get(&newest_path(&service)).await;
    assert_eq!(page.form(0).value("username"), demo::PLAIN_USER);
    for part in [
        "autocomplete=\"username\"",
        "autocomplete=\"new-password\"",
        "aria-describedby=\"new_password-rule\"",
        "At least 8 characters",
    ] {
        assert!(page.raw.contains(part), "{part}: {}", page.raw);
    }
    let page = browser.get("/auth/signup").await;
    assert!(page.raw.contains("At least 8 characters"), "{}", page.raw);
    assert!(page.raw.contains("autocomplete=\"username\""));
    let page = browser.get("/auth/login").await;
    assert!(page.raw.contains("autocomplete=\"current-password\""));
}

#[tokio::test]
async fn a_sign_up_that_an_app_has_begun_goes_back_to_the_app_in_that_browser() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let sent = send(&browser, &format!("/auth/signup?{}", for_code()), EMAIL).await;
    assert!(sent.link("Sign in").contains("client_id=web"));
    let path = newest_path(&service);
    // A message contains nothing of another person's request.
    assert!(
        !path.contains("client_id") && !path.contains("state"),
        "{path}"
    );
    let page = browser.get(&path).await;
    let done = browser.submit(&page.form_of("Confirm")).await;
    let on = done.link("Sign in");
    assert!(on.starts_with("/auth/login?client_id=web"), "{on}");
    let elsewhere = Browser::new(&service);
    let page = elsewhere.get("/auth/confirm?step=done").await;
    assert_eq!(page.link("Sign in"), "/auth/login");
    let signed_in = browser.password(&on, EMAIL, PASSWORD).await;
    let given = browser.get(signed_in.location()).await;
    assert_ne!(given.parameter("code"), "", "{}", given.location());
    assert_eq!(given.parameter("state"), "s1");
    assert!(browser.cookie("__Host-countersign-journey").is_none());

    let form = browser.get(&format!("/auth/forgot?{}", for_code())).await;
    let form = form.form(0).with("email", demo::PLAIN_USER);
    browser.submit(&form).await;
    let page = browser.get(&newest_path(&service)).await;
    let form = page.form(0).with("new_password", NEW_PASSWORD);
    let done = browser.submit(&form).await;
    assert!(
        done.link("Sign in")
            .starts_with("/auth/login?client_id=web")
    );
}

#[tokio::test]
async fn a_login_that_enrols_nothing_is_refused_where_an_app_is_set_up_and_goes_on_at_its_page() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let step = browser
        .password("/auth/login", demo::USER, demo::PASSWORD_OF_ALL)
        .await;
    let code = step.form(0).with("token", &service.totp());
    let mut elsewhere = code.clone();
    elsewhere.action = "/auth/two-factor/enable".to_owned();
    let refused = browser.post(&elsewhere, &[]).await;
    assert_eq!(refused.status, 303, "{}", refused.raw);
    assert!(browser.cookie("__Host-countersign").is_none());
    let led = browser.get(refused.location()).await;
    assert_eq!(led.location(), "/auth/login?step=code", "{}", led.raw);
    // The code is not consumed.
    let done = browser.submit(&code).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    assert!(browser.cookie("__Host-countersign").is_some());
}
