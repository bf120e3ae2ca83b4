//! Two-factor authentication on Aidbox's pages: turned on, used and turned off.

use countersign_local::demo;
use insta::assert_snapshot;

use crate::dialects::aidbox::authorization::authorize::FOR_TOKEN;
use crate::dialects::aidbox::pages::{enable, key, recovery_codes};
use crate::dialects::auth0::factors::enrolment::FORCED;
use crate::harness::browser::Browser;
use crate::harness::{Service, unescape};

#[tokio::test]
async fn two_factor_is_enabled_used_and_disabled_as_aidboxs_article_has_it() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let settings = browser.get("/auth/two-factor").await;
    assert_snapshot!(settings.page(), @r"
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
    let (key, codes) = enable(&browser).await;
    assert_eq!(codes.len(), 10);
    let settings = browser.get("/auth/two-factor").await;
    assert_snapshot!(settings.page(), @r"
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
    let out = browser.submit(&settings.form_of("Sign out")).await;
    assert_snapshot!(out.page(), @r"
    303
    location: /auth/login
    removes __Host-countersign
    ");
    service.advance(30);
    let step = browser
        .password("/auth/login", demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    assert_snapshot!(step.page(), @r"
    200 Enter your code - Countersign Demo
    Countersign Demo
    Enter your code
    For the account plain@example.com.
    form /auth/login
    [csrf]
    [factor=totp]
    Code from your authenticator app
    [token]
    Sign in
    Use a recovery code
    Start again
    ");
    assert!(browser.cookie("__Host-countersign").is_none());
    let wrong = browser.submit(&step.form(0).with("token", "000000")).await;
    assert_snapshot!(wrong.page(), @r"
    401 Enter your code - Countersign Demo
    removes __Host-countersign-said
    Countersign Demo
    Enter your code
    For the account plain@example.com.
    form /auth/login
    [csrf]
    [factor=totp]
    Code from your authenticator app
    [token invalid]
    This code is wrong or too old.
    Sign in
    Use a recovery code
    Start again
    ");
    assert!(wrong.raw.contains("aria-describedby=\"token-problem\""));
    let code = service.app_code(&key);
    let done = browser.submit(&wrong.form(0).with("token", &code)).await;
    assert_snapshot!(done.page(), @r"
    303
    location: /auth/two-factor
    sets __Host-countersign
    removes __Host-countersign-login
    ");
    service.advance(30);
    let page = browser.get("/auth/two-factor/disable").await;
    let form = page.form(0).with("token", &service.app_code(&key));
    let off = browser.submit(&form).await;
    assert_snapshot!(off.page(), @r"
    303
    location: /auth/two-factor
    ");
    let settings = browser.get("/auth/two-factor").await;
    assert_snapshot!(settings.page(), @r"
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
    let again = Browser::new(&service);
    again.sign_in_plain().await;
    enable(&again).await;
}

#[tokio::test]
async fn the_qr_code_and_the_key_belong_to_one_seed_until_it_is_confirmed() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let page = browser.get("/auth/two-factor/enable").await;
    let wrong = browser.submit(&page.form(0).with("token", "000000")).await;
    assert_snapshot!(wrong.page(), @r"
    401 Enable two-factor authentication - Countersign Demo
    removes __Host-countersign-said
    Countersign Demo
    Enable two-factor authentication
    Scan this with your authenticator app, then enter the code that the app shows.
    Open in an authenticator app on this device
    Or enter this key in the app: [seed]
    form /auth/two-factor/enable
    [csrf]
    Code from your authenticator app
    [token invalid]
    This code is wrong or too old.
    Enable
    Back
    ");
    assert_eq!(key(&wrong), key(&page));
    assert!(page.raw.contains("<svg class=\"qr\" role=\"img\""));
    let code = service.app_code(&key(&page));
    let done = browser.submit(&wrong.form(0).with("token", &code)).await;
    assert_snapshot!(done.page(), @r"
    303
    location: /auth/two-factor
    sets __Host-countersign-codes
    ");
    let again = browser.get("/auth/two-factor/enable").await;
    assert_snapshot!(again.page(), @r"
    303
    location: /auth/two-factor
    ");
}

#[tokio::test]
async fn two_factor_is_disabled_by_a_code_that_is_sent_where_there_is_no_app() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    service.add_user(FORCED, |_| {}).await;
    let token = service.begin_shown(FORCED).await;
    let body = serde_json::json!({
        "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "+15555550123",
    });
    let begun = service.associate(&token, &body).await;
    let code = service.newest_code();
    let done = service
        .redeem_oob(&token, &begun.text("oob_code"), &code)
        .await;
    assert_eq!(done.status, 200, "{}", done.raw);
    service.advance(31);
    let step = browser
        .password("/auth/login", FORCED, demo::PASSWORD_OF_ALL)
        .await;
    let sent = browser.submit(&step.form_of("by SMS")).await;
    let form = sent.form(0).with("token", &service.newest_code());
    assert_eq!(browser.submit(&form).await.status, 303);
    service.advance(31);
    let page = browser.get("/auth/two-factor/disable").await;
    let sent = browser.submit(&page.form_of("by SMS")).await;
    assert_snapshot!(sent.page(), @r"
    200 Disable two-factor authentication - Countersign Demo
    Countersign Demo
    Disable two-factor authentication
    We have sent a code to the number that ends in 0123. The code is valid for five minutes.
    For the account forced@example.com.
    form /auth/two-factor/disable?sent=[id]
    [csrf]
    [factor=[id]]
    Code from the message to the number that ends in 0123
    [token]
    Disable
    form /auth/two-factor/disable?sent=[id]
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0123 again
    Use a recovery code
    Back
    ");
    let form = sent.form(0).with("token", &service.newest_code());
    let off = browser.submit(&form).await;
    assert_snapshot!(off.page(), @r"
    303
    location: /auth/two-factor
    ");
    assert!(!service.account(FORCED).await.user.two_factor);
}

#[tokio::test]
async fn whoever_must_have_a_factor_sets_one_up_before_anything_else() {
    let service = Service::start().await;
    service
        .add_user(FORCED, |account| account.user.email = None)
        .await;
    let browser = Browser::new(&service);
    let path = format!("/auth/login?{FOR_TOKEN}");
    let led = browser.password(&path, FORCED, demo::PASSWORD_OF_ALL).await;
    assert_snapshot!(led.page(), @r"
    303
    location: /auth/two-factor/enable?client_id=web&response_type=token&state=a+b%26c
    removes __Host-countersign
    sets __Host-countersign-login
    ");
    assert!(browser.cookie("__Host-countersign").is_none());
    for path in ["/auth/two-factor", "/auth/two-factor/disable"] {
        assert_eq!(browser.get(path).await.location(), "/auth/login");
    }
    let page = browser.get(led.location()).await;
    assert_snapshot!(page.page(), @r"
    200 Enable two-factor authentication - Countersign Demo
    Countersign Demo
    Enable two-factor authentication
    Scan this with your authenticator app, then enter the code that the app shows.
    Open in an authenticator app on this device
    Or enter this key in the app: [seed]
    form /auth/two-factor/enable?client_id=web&response_type=token&state=a+b%26c
    [csrf]
    Code from your authenticator app
    [token]
    Enable
    Back
    ");
    let wrong = browser.submit(&page.form(0).with("token", "000000")).await;
    assert_eq!((wrong.status, key(&wrong)), (401, key(&page)));
    let code = service.app_code(&key(&page));
    let done = browser.submit(&wrong.form(0).with("token", &code)).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    let done = browser.get(done.location()).await;
    assert_snapshot!(done.page(), @r"
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
    form /auth/two-factor/enable?client_id=web&response_type=token&state=a+b%26c
    [csrf]
    [kept=true] I have kept them
    Continue
    ");
    assert_eq!(recovery_codes(&service, &done).len(), 10);
    let onward = done.raw.split("class=\"button\" href=\"").nth(1).unwrap();
    let onward = unescape(onward.split('"').next().unwrap());
    let token = browser.get(&onward).await.parameter("access_token");
    let user = service.get("/auth/userinfo", Some(&token)).await;
    assert_eq!(user.body["twoFactor"]["enabled"], true, "{}", user.raw);
}

#[tokio::test]
async fn a_button_sends_a_code_again_only_after_a_code_was_sent_where_two_factor_is_turned_off() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let page = browser.get("/auth/two-factor/disable").await;
    let send = page.form_of("by e-mail");
    let path = format!("/auth/two-factor/disable?factor={}", send.value("send"));
    let unsent = browser.get(&path).await;
    assert_snapshot!(unsent.page(), @r"
    200 Disable two-factor authentication - Countersign Demo
    Countersign Demo
    Disable two-factor authentication
    For the account user@example.com.
    form /auth/two-factor/disable
    [csrf]
    [factor=[id]]
    Code from the message to u***@example.com
    [token]
    Disable
    Use your authenticator app
    form /auth/two-factor/disable
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100
    form /auth/two-factor/disable
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com
    Use a recovery code
    Back
    ");
    let sent = browser.submit(&send).await;
    assert_snapshot!(sent.page(), @r"
    200 Disable two-factor authentication - Countersign Demo
    Countersign Demo
    Disable two-factor authentication
    We have sent a code to u***@example.com. The code is valid for five minutes.
    For the account user@example.com.
    form /auth/two-factor/disable?sent=[id]
    [csrf]
    [factor=[id]]
    Code from the message to u***@example.com
    [token]
    Disable
    Use your authenticator app
    form /auth/two-factor/disable?sent=[id]
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100
    form /auth/two-factor/disable?sent=[id]
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com again
    Use a recovery code
    Back
    ");
    let no_code = sent.form(0).with("token", "12345");
    let wrong = browser.submit(&no_code).await;
    assert_snapshot!(wrong.page(), @r"
    401 Disable two-factor authentication - Countersign Demo
    removes __Host-countersign-said
    Countersign Demo
    Disable two-factor authentication
    For the account user@example.com.
    form /auth/two-factor/disable?sent=[id]
    [csrf]
    [factor=[id]]
    Code from the message to u***@example.com
    [token invalid]
    This code is wrong or too old.
    Disable
    Use your authenticator app
    form /auth/two-factor/disable?sent=[id]
    [csrf]
    [send=[id]] Send a code by SMS to the number that ends in 0100
    form /auth/two-factor/disable?sent=[id]
    [csrf]
    [send=[id]] Send a code by e-mail to u***@example.com again
    Use a recovery code
    Back
    ");
}
