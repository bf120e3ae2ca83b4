//! The sign-in on Aidbox's pages: the code by each way, and a password that has to be
//! changed.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use insta::assert_snapshot;

use crate::harness::Service;
use crate::harness::account::NEW_PASSWORD;
use crate::harness::browser::Browser;

#[tokio::test]
async fn a_code_by_mail_or_sms_and_a_recovery_code_sign_in_too() {
    let service = Service::start().await;
    let mut pages = Vec::new();
    for channel in ["e-mail", "SMS"] {
        let browser = Browser::new(&service);
        let step = browser
            .password("/auth/login", demo::USER, demo::PASSWORD_OF_ALL)
            .await;
        let sent = browser
            .submit(&step.form_of(&format!("by {channel}")))
            .await;
        pages.push(sent.page());
        // Here the address is the name of the account, and is shown only as the name.
        assert_eq!(sent.raw.matches(demo::USER).count(), 1, "{}", sent.raw);
        assert!(!sent.raw.contains(demo::PHONE), "{}", sent.raw);
        let soon = browser
            .submit(&sent.form_of(&format!("by {channel}")))
            .await;
        pages.push(soon.page());
        assert!(soon.header("retry-after").is_some());
        let code = service.newest_code();
        let done = browser.submit(&soon.form(0).with("token", &code)).await;
        assert_eq!(done.status, 303, "{}", done.raw);
        service.advance(60);
    }
    assert_snapshot!(pages.join("\n\n"), @r"
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

    429 Enter your code - Countersign Demo
    removes __Host-countersign-said
    Countersign Demo
    Enter your code
    A code was sent just now. Try again in a minute.
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

    200 Enter your code - Countersign Demo
    Countersign Demo
    Enter your code
    We have sent a code to the number that ends in 0100. The code is valid for five minutes.
    For the account user@example.com.
    form /auth/login?sent=[id]
    [csrf]
    [factor=[id]]
    Code from the message to the number that ends in 0100
    [token]
    Sign in
    Use your authenticator app
    form /auth/login?sent=[id]
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100 again
    form /auth/login?sent=[id]
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com
    Use a recovery code
    Start again

    429 Enter your code - Countersign Demo
    removes __Host-countersign-said
    Countersign Demo
    Enter your code
    A code was sent just now. Try again in a minute.
    For the account user@example.com.
    form /auth/login?sent=[id]
    [csrf]
    [factor=[id]]
    Code from the message to the number that ends in 0100
    [token]
    Sign in
    Use your authenticator app
    form /auth/login?sent=[id]
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100 again
    form /auth/login?sent=[id]
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com
    Use a recovery code
    Start again
    ");
    let browser = Browser::new(&service);
    let step = browser
        .password("/auth/login", demo::USER, demo::PASSWORD_OF_ALL)
        .await;
    let page = browser.get(&step.link("Use a recovery code")).await;
    assert_snapshot!(page.page(), @r"
    200 Enter your code - Countersign Demo
    Countersign Demo
    Enter your code
    For the account user@example.com.
    form /auth/login
    [csrf]
    [factor=recovery]
    Recovery code
    [token]
    Sign in
    Use your authenticator app
    form /auth/login
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100
    form /auth/login
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com
    Start again
    ");
    let form = page.form(0).with("token", demo::RECOVERY_CODE);
    assert_snapshot!(browser.submit(&form).await.page(), @r"
    303
    location: /auth/two-factor
    sets __Host-countersign
    removes __Host-countersign-login
    ");
    let again = Browser::new(&service);
    let step = again
        .password("/auth/login", demo::USER, demo::PASSWORD_OF_ALL)
        .await;
    // It was the only recovery code, so the page offers none any more.
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
    Start again
    ");
    let form = step.form(0).with("factor", "recovery");
    let used = again.submit(&form.with("token", demo::RECOVERY_CODE)).await;
    assert_snapshot!(used.page(), @r"
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
    This recovery code is wrong or was used.
    Sign in
    form /auth/login
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100
    form /auth/login
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com
    Start again
    ");
}

#[tokio::test]
async fn a_password_that_has_to_be_changed_is_changed_after_the_code() {
    let service = Service::start().await;
    let forced = AttributeValue::Bool(true);
    service
        .set_profile(demo::USER, "must_change_password", forced)
        .await;
    let browser = Browser::new(&service);
    let step = browser
        .password("/auth/login", demo::USER, demo::PASSWORD_OF_ALL)
        .await;
    let form = step.form(0).with("token", &service.totp());
    let page = browser.submit(&form).await;
    assert_snapshot!(page.page(), @r"
    200 Choose a new password - Countersign Demo
    Countersign Demo
    Choose a new password
    form /auth/login
    [csrf]
    For the account user@example.com.
    [username=user@example.com]
    New password
    [new_password]
    At least 8 characters of any kind. Not one that is guessed first, and not made of your name or address.
    Change the password
    ");
    assert!(browser.cookie("__Host-countersign").is_none());
    let common = page.form(0).with("new_password", "password1");
    let common = browser.submit(&common).await;
    assert_snapshot!(common.page(), @r"
    400 Choose a new password - Countersign Demo
    removes __Host-countersign-said
    Countersign Demo
    Choose a new password
    form /auth/login
    [csrf]
    For the account user@example.com.
    [username=user@example.com]
    New password
    [new_password invalid]
    This password is too common.
    At least 8 characters of any kind. Not one that is guessed first, and not made of your name or address.
    Change the password
    ");
    assert!(
        common
            .raw
            .contains("aria-describedby=\"new_password-problem new_password-rule\"")
    );
    let form = common.form(0).with("new_password", NEW_PASSWORD);
    let done = browser.submit(&form).await;
    assert_snapshot!(done.page(), @r"
    303
    location: /auth/two-factor
    sets __Host-countersign
    removes __Host-countersign-login
    ");
    assert_eq!(browser.get("/auth/two-factor").await.status, 200);
}
