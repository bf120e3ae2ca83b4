//! The links in messages that lead to Aidbox's pages: dead, opened twice, and on the way
//! to an app; and the fields that a password manager finds.

use countersign_local::demo;
use insta::{allow_duplicates, assert_snapshot};

use crate::dialects::aidbox::authorization::authorize::for_code;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD};
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

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
    assert_snapshot!(live.page(), @r"
    200 Choose a new password - Countersign Demo
    Countersign Demo
    Choose a new password
    form /auth/reset
    [csrf]
    [user=[id]]
    [token=[opaque]]
    For the account plain@example.com.
    [username=plain@example.com]
    New password
    [new_password]
    At least 8 characters of any kind. Not one that is guessed first, and not made of your name or address.
    Change the password
    ");
    let form = live.form(0).with("new_password", NEW_PASSWORD);
    assert_eq!(browser.submit(&form).await.status, 200);
    let forged = format!("/auth/reset?user={}&token=x", "a".repeat(32));
    for path in [path.as_str(), forged.as_str()] {
        let dead = browser.get(path).await;
        allow_duplicates! {
            assert_snapshot!(dead.page(), @r"
            400 This link has ended - Countersign Demo
            Countersign Demo
            This link has ended
            This link is not valid any more. The link works once, within an hour.
            Send a new link
            ");
        }
        assert!(dead.link("Send a new link").starts_with("/auth/forgot"));
    }
    // A form that was open before gets the same answer.
    let late = browser.submit(&form).await;
    assert_snapshot!(late.page(), @r"
    400 This link has ended - Countersign Demo
    Countersign Demo
    This link has ended
    This link is not valid any more. The link works once, within an hour.
    Send a new link
    ");

    send(&browser, "/auth/signup", EMAIL).await;
    let path = newest_path(&service);
    service.advance(86_400);
    let dead = browser.get(&path).await;
    assert_snapshot!(dead.page(), @r"
    400 This link has ended - Countersign Demo
    Countersign Demo
    This link has ended
    This link is not valid any more. Sign in, and we send you another one.
    Sign in
    ");
    // A sign-in sends the link.
    let asked = browser.password("/auth/login", EMAIL, PASSWORD).await;
    browser.submit(&asked.form_of("Send another")).await;
    let path = newest_path(&service);
    let page = browser.get(&path).await;
    browser.submit(&page.form_of("Confirm")).await;
    let again = browser.get(&path).await;
    assert_snapshot!(again.page(), @r"
    200 Thank you - Countersign Demo
    Countersign Demo
    Thank you
    Your e-mail address is confirmed.
    Sign in
    ");
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
