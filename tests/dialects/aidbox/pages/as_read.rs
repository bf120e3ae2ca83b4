//! The texts of each page, without the markup.

use countersign_local::demo;
use insta::assert_snapshot;

use crate::dialects::aidbox::authorization::authorize::FOR_TOKEN;
use crate::dialects::aidbox::pages::key;
use crate::harness::Service;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD};
use crate::harness::browser::Browser;

#[tokio::test]
async fn the_sign_in_asks_for_a_password_and_then_for_a_code() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    assert_snapshot!(browser.get("/auth/login").await.page(), @r"
    200 Sign in - Countersign Demo
    sets __Host-countersign-form
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
    let password = demo::PASSWORD_OF_ALL;
    let step = browser.password("/auth/login", demo::USER, password).await;
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
    let wrong = browser.submit(&step.form(0).with("token", "000000")).await;
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
    This code is wrong or too old.
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
    let sent = browser.submit(&wrong.form_of("by e-mail")).await;
    assert_snapshot!(sent.page(), @r"
    200 Enter your code - Countersign Demo
    Countersign Demo
    Enter your code
    We have sent a code to u***@example.com. The code is valid for five minutes.
    For the account user@example.com.
    form /auth/login?sent=[id]
    [csrf]
    [factor=[id]]
    Code from the message to u***@example.com
    [token]
    Sign in
    Use your authenticator app
    form /auth/login?sent=[id]
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100
    form /auth/login?sent=[id]
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com again
    Use a recovery code
    Start again
    ");
}

#[tokio::test]
async fn the_settings_lead_to_the_pages_that_turn_two_factor_on_and_off() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    assert_snapshot!(browser.get("/auth/two-factor").await.page(), @r"
    200 Two-factor authentication - Countersign Demo
    Countersign Demo
    Two-factor authentication
    Signed in as plain@example.com.
    Two-factor authentication is off.
    Enable
    form /auth/logout
    [csrf]
    Sign out
    ");
    let page = browser.get("/auth/two-factor/enable").await;
    service.watch_secret(&key(&page));
    assert_snapshot!(page.page(), @r"
    200 Enable two-factor authentication - Countersign Demo
    Countersign Demo
    Enable two-factor authentication
    Scan this with your authenticator app, then enter the code that the app shows.
    Open in an authenticator app on this device
    Or enter this key in the app: [seed]
    form /auth/two-factor/enable
    [csrf]
    Code from your authenticator app
    [token]
    Enable
    Back
    ");
    let form = page.form(0).with("token", &service.app_code(&key(&page)));
    let done = browser.submit(&form).await;
    assert_snapshot!(browser.get(done.location()).await.page(), @r"
    200 Two-factor authentication - Countersign Demo
    Countersign Demo
    Two-factor authentication
    Keep these recovery codes. Each one signs you in once if you lose your authenticator app. Copy them, print this page, or save them as a file; in this browser they can be seen for a quarter of an hour.
    [recovery code]
    [recovery code]
    [recovery code]
    [recovery code]
    [recovery code]
    [recovery code]
    [recovery code]
    [recovery code]
    [recovery code]
    [recovery code]
    Save as a file
    form /auth/two-factor/enable
    [csrf]
    [kept=true] I have kept them
    Signed in as plain@example.com.
    Two-factor authentication is on.
    Disable
    form /auth/logout
    [csrf]
    Sign out
    ");
    assert_snapshot!(browser.get("/auth/two-factor/disable").await.page(), @r"
    200 Disable two-factor authentication - Countersign Demo
    Countersign Demo
    Disable two-factor authentication
    For the account plain@example.com.
    form /auth/two-factor/disable
    [csrf]
    [factor=totp]
    Code from your authenticator app
    [token]
    Disable
    Use a recovery code
    Back
    ");
}

#[tokio::test]
async fn an_account_is_made_confirmed_and_reset_on_pages() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let page = browser.get("/auth/signup").await;
    assert_snapshot!(page.page(), @r"
    200 Sign up - Countersign Demo
    sets __Host-countersign-form
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
    let form = page.form(0).with("email", EMAIL).with("password", PASSWORD);
    assert_snapshot!(browser.submit(&form).await.page(), @r"
    200 Look into your mailbox - Countersign Demo
    Countersign Demo
    Look into your mailbox
    If this address has no account yet, it has one now, and gets a link that confirms it. If it has one, it gets a link to a new password instead. If no mail comes, wait an hour and sign up again.
    Sign in
    ");
    let page = browser.get(&newest_path(&service)).await;
    assert_snapshot!(page.page(), @r"
    200 Confirm your address - Countersign Demo
    Countersign Demo
    Confirm your address
    Confirm that this e-mail address is yours.
    form /auth/confirm
    [csrf]
    [user=[id]]
    [token=[opaque]]
    Confirm
    ");
    let confirmed = browser.submit(&page.form_of("Confirm")).await;
    assert_snapshot!(confirmed.page(), @r"
    200 Thank you - Countersign Demo
    Countersign Demo
    Thank you
    Your e-mail address is confirmed.
    Sign in
    ");

    let page = browser.get("/auth/forgot").await;
    assert_snapshot!(page.page(), @r"
    200 Reset your password - Countersign Demo
    Countersign Demo
    Reset your password
    form /auth/forgot
    [csrf]
    E-mail address
    [email]
    Send a link
    Sign in
    ");
    service.advance(31);
    let sent = browser.submit(&page.form(0).with("email", EMAIL)).await;
    assert_snapshot!(sent.page(), @r"
    200 Look into your mailbox - Countersign Demo
    Countersign Demo
    Look into your mailbox
    If there is an account with this address, it gets a link. If no mail comes, wait an hour and ask again.
    Sign in
    ");
    let page = browser.get(&newest_path(&service)).await;
    assert_snapshot!(page.page(), @r"
    200 Choose a new password - Countersign Demo
    Countersign Demo
    Choose a new password
    form /auth/reset
    [csrf]
    [user=[id]]
    [token=[opaque]]
    For the account ann.lee@example.net.
    [username=ann.lee@example.net]
    New password
    [new_password]
    At least 8 characters of any kind. Not one that is guessed first, and not made of your name or address.
    Change the password
    ");
    let done = browser
        .submit(&page.form(0).with("new_password", NEW_PASSWORD))
        .await;
    assert_snapshot!(done.page(), @r"
    200 Your password is changed - Countersign Demo
    Countersign Demo
    Your password is changed
    You have been signed out everywhere. Sign in with the new password.
    Sign in
    ");
}

/// The path of the link in the newest message.
fn newest_path(service: &Service) -> String {
    let link = service.newest_link();
    format!("{}?{}", link.path(), link.query().unwrap())
}

#[tokio::test]
async fn a_user_is_asked_for_an_app_and_an_unknown_app_is_told_on_a_page() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let asked = browser
        .get(&format!("/auth/authorize?{FOR_TOKEN}&prompt=consent"))
        .await;
    assert_snapshot!(asked.page(), @r"
    200 Go on to the app? - Countersign Demo
    Countersign Demo
    Go on to the app?
    The app web asks who you are.
    You are signed in as plain@example.com.
    form /auth/authorize?client_id=web&response_type=token&state=a+b%26c&prompt=consent
    [csrf]
    [choice=continue] Continue
    [choice=other] Use another account
    [choice=cancel] Cancel
    ");
    let unknown = "/auth/authorize?client_id=nobody&response_type=token";
    assert_snapshot!(browser.get(unknown).await.page(), @r"
    400 This did not work - Countersign Demo
    Countersign Demo
    This did not work
    The app that sent you here is not known to this service.
    ");
}
