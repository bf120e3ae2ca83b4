//! An account on Aidbox's pages: signing up, confirming, and a forgotten password.

use insta::assert_snapshot;

use crate::dialects::aidbox::authorization::authorize::FOR_TOKEN;
use crate::harness::Service;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD};
use crate::harness::browser::Browser;

#[tokio::test]
async fn somebody_signs_up_confirms_the_address_forgets_the_password_and_resets_it() {
    let change = ("COUNTERSIGN_CONFIRMATION_REQUIRED", "email");
    let service = Service::start_with(&[change]).await;
    let browser = Browser::new(&service);
    let path = format!("/auth/signup?{FOR_TOKEN}");
    let form = browser.get(&path).await.form(0).with("email", EMAIL);
    let weak = browser
        .submit(&form.clone().with("password", "12345678"))
        .await;
    assert_snapshot!(weak.page(), @r"
    400 Sign up - Countersign Demo
    removes __Host-countersign-said
    Countersign Demo
    Sign up
    form /auth/signup?client_id=web&response_type=token&state=a+b%26c
    [csrf]
    E-mail address
    [email=ann.lee@example.net]
    Password
    [password invalid]
    This password is too common.
    At least 8 characters of any kind. Not one that is guessed first, and not made of your name or address.
    Sign up
    Sign in
    ");
    assert!(
        weak.raw
            .contains("aria-describedby=\"password-problem password-rule\"")
    );
    let done = browser.submit(&form.with("password", PASSWORD)).await;
    assert_snapshot!(done.page(), @r"
    200 Look into your mailbox - Countersign Demo
    Countersign Demo
    Look into your mailbox
    If this address has no account yet, it has one now, and gets a link that confirms it. If it has one, it gets a link to a new password instead. If no mail comes, wait an hour and sign up again.
    Sign in
    ");
    let early = browser.password("/auth/login", EMAIL, PASSWORD).await;
    assert_snapshot!(early.page(), @r"
    403 Confirm your address - Countersign Demo
    Countersign Demo
    Confirm your address
    Please confirm your e-mail address first. We have sent you a link for that.
    form /auth/confirm
    [csrf]
    [user=[id]]
    [send=true]
    Send another link
    Sign in
    ");
    service.advance(31);
    let again = browser.submit(&early.form_of("Send another")).await;
    assert_snapshot!(again.page(), @r"
    200 Look into your mailbox - Countersign Demo
    Countersign Demo
    Look into your mailbox
    We have sent a link that confirms your address.
    Sign in
    ");
    assert_eq!(service.messages().len(), 2);
    let link = service.newest_link();
    service.watch_secret(&service.link_parameter("token"));
    assert!(
        link.as_str()
            .starts_with("https://localhost:8788/auth/confirm?user=")
    );
    let path = format!("{}?{}", link.path(), link.query().unwrap());
    let page = browser.get(&path).await;
    assert!(
        !service.account(EMAIL).await.user.email_confirmed,
        "a look confirms nothing"
    );
    let confirmed = browser.submit(&page.form_of("Confirm")).await;
    assert_snapshot!(confirmed.page(), @r"
    200 Thank you - Countersign Demo
    Countersign Demo
    Thank you
    Your e-mail address is confirmed.
    Sign in
    ");
    let twice = browser.submit(&page.form_of("Confirm")).await;
    assert_snapshot!(twice.page(), @r"
    200 Thank you - Countersign Demo
    Countersign Demo
    Thank you
    Your e-mail address is confirmed.
    Sign in
    ");
    let signed_in = browser.password("/auth/login", EMAIL, PASSWORD).await;
    assert_snapshot!(signed_in.page(), @r"
    303
    location: /auth/two-factor
    sets __Host-countersign
    removes __Host-countersign-login
    removes __Host-countersign-journey
    ");

    let other = Browser::new(&service);
    let form = other.get("/auth/forgot").await.form(0).with("email", EMAIL);
    let sent = other.submit(&form).await;
    assert_snapshot!(sent.page(), @r"
    200 Look into your mailbox - Countersign Demo
    Countersign Demo
    Look into your mailbox
    If there is an account with this address, it gets a link. If no mail comes, wait an hour and ask again.
    Sign in
    ");
    let link = service.newest_link();
    service.watch_secret(&service.link_parameter("token"));
    assert!(
        link.as_str()
            .starts_with("https://localhost:8788/auth/reset?user=")
    );
    let path = format!("{}?{}", link.path(), link.query().unwrap());
    let form = other
        .get(&path)
        .await
        .form(0)
        .with("new_password", NEW_PASSWORD);
    let reset = other.submit(&form).await;
    assert_snapshot!(reset.page(), @r"
    200 Your password is changed - Countersign Demo
    Countersign Demo
    Your password is changed
    You have been signed out everywhere. Sign in with the new password.
    Sign in
    ");
    assert!(
        other.cookie("__Host-countersign").is_none(),
        "nobody is signed in"
    );
    let out = browser.get("/auth/two-factor").await;
    // Other sessions end.
    assert_snapshot!(out.page(), @r"
    303
    location: /auth/login
    ");
    // The link works once.
    assert_snapshot!(other.submit(&form).await.page(), @r"
    400 This link has ended - Countersign Demo
    Countersign Demo
    This link has ended
    This link is not valid any more. The link works once, within an hour.
    Send a new link
    ");
}
