//! Aidbox's pages when a user goes back, reloads, or opens a second tab.

use countersign_local::demo;
use insta::assert_snapshot;

use crate::dialects::aidbox::authorization::authorize::FOR_TOKEN;
use crate::dialects::aidbox::pages::{enable, key};
use crate::harness::Service;
use crate::harness::account::{EMAIL, PASSWORD};
use crate::harness::browser::Browser;

const OWN: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];

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
    assert_snapshot!(wrong.page(), @r"
    401 Sign in - Countersign Demo
    removes __Host-countersign-said
    Countersign Demo
    Sign in
    form /auth/login
    [csrf]
    E-mail or user name
    [username=user@example.com]
    Password
    [password invalid]
    The name or the password is wrong.
    Sign in
    Forgot your password?
    No account yet? Sign up
    ");
    let again = browser.get("/auth/login").await;
    assert_snapshot!(again.page(), @r"
    200 Sign in - Countersign Demo
    Countersign Demo
    Sign in
    form /auth/login
    [csrf]
    E-mail or user name
    [username]
    Password
    [password]
    Sign in
    Forgot your password?
    No account yet? Sign up
    ");
    // A message that no page of ours wrote is not shown, and neither is a message for
    // another page.
    let form = browser.get("/auth/login").await.form(0);
    let said = browser.post(&form, &OWN).await;
    let value = browser.cookie("__Host-countersign-said").unwrap();
    assert_snapshot!(said.page(), @r"
    303
    location: /auth/login
    sets __Host-countersign-said
    ");
    let other = browser.get("/auth/signup").await;
    assert_snapshot!(other.page(), @r"
    200 Sign up - Countersign Demo
    Countersign Demo
    Sign up
    form /auth/signup
    [csrf]
    E-mail address
    [email]
    Password
    [password]
    At least 8 characters of any kind. Not one that is guessed first, and not made of your name or address.
    Sign up
    Sign in
    ");
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
    assert_snapshot!(page.page(), @r"
    200 Two-factor authentication - Countersign Demo
    Countersign Demo
    Two-factor authentication
    Signed in as user@example.com.
    Two-factor authentication is on.
    Disable
    form /auth/logout
    [csrf]
    Sign out
    ");
    let page = browser.get("/auth/two-factor").await;
    let done = browser.submit(&page.form_of("I have kept them")).await;
    assert_snapshot!(done.page(), @r"
    303
    location: /auth/two-factor
    removes __Host-countersign-codes
    ");
    assert!(browser.cookie("__Host-countersign-codes").is_none());
    // A person who keeps the cookie can see the codes for fifteen minutes.
    let known = ("__Host-countersign-codes".to_owned(), sealed);
    browser.cookies.borrow_mut().extend([known]);
    service.advance(900);
    let page = browser.get("/auth/two-factor").await;
    assert_snapshot!(page.page(), @r"
    200 Two-factor authentication - Countersign Demo
    Countersign Demo
    Two-factor authentication
    Signed in as plain@example.com.
    Two-factor authentication is on.
    Disable
    form /auth/logout
    [csrf]
    Sign out
    ");
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
    assert_snapshot!(step.page(), @r"
    200 Enter your code - Countersign Demo
    Countersign Demo
    Enter your code
    For the account user@example.com.
    form /auth/login
    [csrf]
    [factor=totp]
    Code from your authenticator app
    [token]
    Sign in
    form /auth/login
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100
    form /auth/login
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com
    Use a recovery code
    Start again
    ");
    let form = step.form(0).with("token", demo::RECOVERY_CODE);
    let wrong = browser.submit(&form).await;
    assert_snapshot!(wrong.page(), @r"
    401 Enter your code - Countersign Demo
    removes __Host-countersign-said
    Countersign Demo
    Enter your code
    For the account user@example.com.
    form /auth/login
    [csrf]
    [factor=totp]
    Code from your authenticator app
    [token invalid]
    This is no code of six digits. A recovery code has a page of its own: choose it below.
    Sign in
    form /auth/login
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100
    form /auth/login
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com
    Use a recovery code
    Start again
    ");
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
    assert_snapshot!(done.page(), @r"
    303
    location: /auth/authorize?client_id=web&response_type=token&state=a+b%26c
    sets __Host-countersign
    removes __Host-countersign-login
    ");
    // Two tabs, each with a code form. The older tab says what happened, and where to
    // go on.
    let one = Browser::new(&service);
    let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
    let older = one.password(&path, user, password).await.form(0);
    one.password("/auth/login", user, password).await;
    let late = one.submit(&older.with("token", &service.totp())).await;
    assert_snapshot!(late.page(), @r"
    403 This did not work - Countersign Demo
    Countersign Demo
    This did not work
    This form is too old, or was not sent by this browser: somebody may have signed in, signed out or begun again in another tab. Nothing was changed. Cookies have to be allowed here.
    Go on
    ");
    let on = one.get(&late.link("Go on")).await;
    assert!(on.form(0).action.contains("client_id=web"), "{}", on.raw);
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
    assert_snapshot!(refused.page(), @r"
    303
    location: /auth/two-factor/enable
    sets __Host-countersign-said
    ");
    assert!(browser.cookie("__Host-countersign").is_none());
    let led = browser.get(refused.location()).await;
    assert_snapshot!(led.page(), @r"
    303
    location: /auth/login?step=code
    ");
    // The code is not consumed.
    let done = browser.submit(&code).await;
    assert_snapshot!(done.page(), @r"
    303
    location: /auth/two-factor
    sets __Host-countersign
    removes __Host-countersign-login
    ");
    assert!(browser.cookie("__Host-countersign").is_some());
}
