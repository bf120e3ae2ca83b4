//! Aidbox's pages on the way to an app: what they tell the user. The app's request is
//! never lost.

use countersign_local::demo;
use insta::{allow_duplicates, assert_snapshot};

use crate::dialects::aidbox::authorization::authorize::{FOR_TOKEN, for_code};
use crate::dialects::aidbox::pages::key;
use crate::dialects::auth0::factors::enrolment::FORCED;
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

/// The page where a user without a factor sets up the first one, on the way to the demo
/// app.
async fn first_factor_page(browser: &Browser<'_>) -> Answer {
    browser
        .service
        .add_user(FORCED, |account| account.user.email = None)
        .await;
    let path = format!("/auth/login?{FOR_TOKEN}");
    let led = browser.password(&path, FORCED, demo::PASSWORD_OF_ALL).await;
    browser.get(led.location()).await
}

/// Signs in the demo user with the password, on the way to the demo app. Gives the page
/// of the code.
async fn code_page(browser: &Browser<'_>) -> Answer {
    let path = format!("/auth/login?{FOR_TOKEN}");
    let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
    browser.password(&path, user, password).await
}

/// Checks that this answer leads to the first step of the sign-in, which says that the
/// login took too long. The demo app's request still waits.
async fn begins_again(browser: &Browser<'_>, answer: &Answer) {
    let to = answer.location();
    assert!(to.starts_with("/auth/login?client_id=web"), "{to}");
    let told = browser.get(to).await.page();
    // The page says so once.
    let again = browser.get(to).await.page();
    allow_duplicates! {
        assert_snapshot!(told, @r"
        401 Sign in - Countersign Demo
        removes __Host-countersign-said
        Countersign Demo
        Sign in
        That took too long. Please sign in again.
        form /auth/login?client_id=web&response_type=token&state=a+b%26c
        [csrf]
        E-mail or user name
        [username]
        Password
        [password]
        Sign in
        Forgot your password?
        No account yet? Sign up
        ");
        assert_snapshot!(again, @r"
        200 Sign in - Countersign Demo
        Countersign Demo
        Sign in
        form /auth/login?client_id=web&response_type=token&state=a+b%26c
        [csrf]
        E-mail or user name
        [username]
        Password
        [password]
        Sign in
        Forgot your password?
        No account yet? Sign up
        ");
    }
}

#[tokio::test]
async fn who_has_kept_the_recovery_codes_of_an_enrolment_goes_on_to_the_app() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let page = first_factor_page(&browser).await;
    let code = service.app_code(&key(&page));
    let done = browser.submit(&page.form(0).with("token", &code)).await;
    let codes = browser.get(done.location()).await;
    // After the form, a redirect leads to the app, so the policy names the app.
    let policy = codes.header("content-security-policy").unwrap();
    assert!(policy.contains("http://localhost:3000"), "{policy}");
    let kept = browser.submit(&codes.form_of("I have kept them")).await;
    assert_snapshot!(kept.page(), @r"
    303
    location: /auth/authorize?client_id=web&response_type=token&state=a+b%26c
    removes __Host-countersign-codes
    ");
    assert!(browser.cookie("__Host-countersign-codes").is_none());
    let given = browser.get(kept.location()).await;
    assert_ne!(given.parameter("access_token"), "", "{}", given.raw);
    assert_eq!(given.parameter("state"), "a b&c");
}

#[tokio::test]
async fn going_back_to_the_enrolment_when_it_is_done_keeps_the_request_of_the_app() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let page = first_factor_page(&browser).await;
    let code = service.app_code(&key(&page));
    let path = page.form(0).action;
    browser.submit(&page.form(0).with("token", &code)).await;
    let back = browser.get(&path).await;
    assert_snapshot!(back.page(), @r"
    303
    location: /auth/two-factor?client_id=web&response_type=token&state=a+b%26c
    ");
}

#[tokio::test]
async fn a_code_after_the_login_has_expired_is_told_that_it_took_too_long() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let step = code_page(&browser).await;
    service.advance(601);
    let form = step.form(0).with("token", &service.totp());
    let late = browser.submit(&form).await;
    begins_again(&browser, &late).await;
    // After a reload, the page shows the same.
    let step = code_page(&browser).await;
    assert_eq!(step.status, 200, "{}", step.raw);
    service.advance(601);
    let path = format!("/auth/login?{FOR_TOKEN}&step=code");
    let reloaded = browser.get(&path).await;
    begins_again(&browser, &reloaded).await;
}

#[tokio::test]
async fn a_code_to_be_sent_after_the_login_has_expired_is_told_that_it_took_too_long() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let step = code_page(&browser).await;
    service.advance(601);
    let late = browser.submit(&step.form_of("by e-mail")).await;
    begins_again(&browser, &late).await;
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn a_first_factor_after_the_login_has_expired_is_told_that_it_took_too_long() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let page = first_factor_page(&browser).await;
    service.advance(601);
    let code = service.app_code(&key(&page));
    let late = browser.submit(&page.form(0).with("token", &code)).await;
    begins_again(&browser, &late).await;
}

#[tokio::test]
async fn a_button_sends_a_code_again_only_after_a_code_was_sent() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let step = code_page(&browser).await;
    let send = step.form_of("by e-mail");
    let factor = send.value("send").to_owned();
    let path = format!("/auth/login?{FOR_TOKEN}&step=code&factor={factor}");
    let unsent = browser.get(&path).await;
    assert_snapshot!(unsent.page(), @r"
    200 Enter your code - Countersign Demo
    Countersign Demo
    Enter your code
    For the account user@example.com.
    form /auth/login?client_id=web&response_type=token&state=a+b%26c
    [csrf]
    [factor=[id]]
    Code from the message to u***@example.com
    [token]
    Sign in
    Use your authenticator app
    form /auth/login?client_id=web&response_type=token&state=a+b%26c
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100
    form /auth/login?client_id=web&response_type=token&state=a+b%26c
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com
    Use a recovery code
    Start again
    ");
    // A wrong code does not count as a send if no message was sent.
    let wrong = unsent.form(0).with("token", "000000");
    let wrong = browser.submit(&wrong).await;
    assert_snapshot!(wrong.page(), @r"
    401 Enter your code - Countersign Demo
    removes __Host-countersign-said
    Countersign Demo
    Enter your code
    For the account user@example.com.
    form /auth/login?client_id=web&response_type=token&state=a+b%26c
    [csrf]
    [factor=[id]]
    Code from the message to u***@example.com
    [token invalid]
    This code is wrong or too old.
    Sign in
    Use your authenticator app
    form /auth/login?client_id=web&response_type=token&state=a+b%26c
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100
    form /auth/login?client_id=web&response_type=token&state=a+b%26c
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com
    Use a recovery code
    Start again
    ");
    let sent = browser.submit(&send).await;
    assert_snapshot!(sent.page(), @r"
    200 Enter your code - Countersign Demo
    Countersign Demo
    Enter your code
    We have sent a code to u***@example.com. The code is valid for five minutes.
    For the account user@example.com.
    form /auth/login?client_id=web&response_type=token&state=a+b%26c&sent=[id]
    [csrf]
    [factor=[id]]
    Code from the message to u***@example.com
    [token]
    Sign in
    Use your authenticator app
    form /auth/login?client_id=web&response_type=token&state=a+b%26c&sent=[id]
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100
    form /auth/login?client_id=web&response_type=token&state=a+b%26c&sent=[id]
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com again
    Use a recovery code
    Start again
    ");
    let code = if service.newest_code() == "000000" {
        "000001"
    } else {
        "000000"
    };
    let wrong = browser.submit(&sent.form(0).with("token", code)).await;
    assert_snapshot!(wrong.page(), @r"
    401 Enter your code - Countersign Demo
    removes __Host-countersign-said
    Countersign Demo
    Enter your code
    For the account user@example.com.
    form /auth/login?client_id=web&response_type=token&state=a+b%26c&sent=[id]
    [csrf]
    [factor=[id]]
    Code from the message to u***@example.com
    [token invalid]
    This code is wrong or too old.
    Sign in
    Use your authenticator app
    form /auth/login?client_id=web&response_type=token&state=a+b%26c&sent=[id]
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100
    form /auth/login?client_id=web&response_type=token&state=a+b%26c&sent=[id]
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com again
    Use a recovery code
    Start again
    ");
    // Too soon, because the first message was just sent.
    let soon = browser.submit(&wrong.form_of("by e-mail")).await;
    assert_snapshot!(soon.page(), @r"
    429 Enter your code - Countersign Demo
    removes __Host-countersign-said
    Countersign Demo
    Enter your code
    A code was sent just now. Try again in a minute.
    For the account user@example.com.
    form /auth/login?client_id=web&response_type=token&state=a+b%26c&sent=[id]
    [csrf]
    [factor=[id]]
    Code from the message to u***@example.com
    [token]
    Sign in
    Use your authenticator app
    form /auth/login?client_id=web&response_type=token&state=a+b%26c&sent=[id]
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100
    form /auth/login?client_id=web&response_type=token&state=a+b%26c&sent=[id]
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com again
    Use a recovery code
    Start again
    ");
    // The other factor got no code, and the e-mail address did.
    let path = format!("/auth/login?{FOR_TOKEN}&step=code&factor=totp&sent={factor}");
    let app = browser.get(&path).await;
    assert_snapshot!(app.page(), @r"
    200 Enter your code - Countersign Demo
    Countersign Demo
    Enter your code
    For the account user@example.com.
    form /auth/login?client_id=web&response_type=token&state=a+b%26c&sent=[id]
    [csrf]
    [factor=totp]
    Code from your authenticator app
    [token]
    Sign in
    form /auth/login?client_id=web&response_type=token&state=a+b%26c&sent=[id]
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100
    form /auth/login?client_id=web&response_type=token&state=a+b%26c&sent=[id]
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com again
    Use a recovery code
    Start again
    ");
}

#[tokio::test]
async fn a_sign_in_that_is_demanded_since_the_future_is_not_asked_for_again_and_again() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    for since in ["99999999999999", "9223372036854775807"] {
        let path = format!("/auth/authorize?{}&signed_in_since={since}", for_code());
        let given = browser.get(&path).await;
        assert_eq!(given.status, 302, "{since} {}", given.raw);
        assert_ne!(given.parameter("code"), "", "{}", given.location());
    }
}
