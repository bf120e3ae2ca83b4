//! Aidbox's pages, used by a person without scripts.

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign::keyring::code_challenge;
use countersign_local::demo;

use crate::dialects::aidbox::authorize::FOR_TOKEN;
use crate::dialects::auth0::enrolment::FORCED;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD};
use crate::harness::browser::{Browser, unescape};
use crate::harness::{Answer, Service};

/// The key that an enable page shows.
pub fn key(page: &Answer) -> String {
    let shown = page.raw.split("<code>").nth(1).unwrap();
    shown.split('<').next().unwrap().replace(' ', "")
}

/// The recovery codes that a page shows.
fn recovery_codes(service: &Service, page: &Answer) -> Vec<String> {
    let shown = page.raw.split("<li><code>").skip(1);
    let codes: Vec<String> = shown
        .map(|text| text.split('<').next().unwrap().to_owned())
        .collect();
    codes.iter().for_each(|code| service.watch_secret(code));
    codes
}

/// Enables two-factor for the browser's user. Returns the app's key and the recovery
/// codes.
pub async fn enable(browser: &Browser<'_>) -> (String, Vec<String>) {
    let page = browser.get("/auth/two-factor/enable").await;
    assert_eq!(page.status, 200, "{}", page.raw);
    let key = key(&page);
    browser.service.watch_secret(&key);
    let code = browser.service.app_code(&key);
    let done = browser.submit(&page.form(0).with("token", &code)).await;
    assert_eq!((done.status, done.location()), (303, "/auth/two-factor"));
    let done = browser.get(done.location()).await;
    assert!(done.raw.contains("is <strong>on</strong>"), "{}", done.raw);
    (key, recovery_codes(browser.service, &done))
}

#[tokio::test]
async fn two_factor_is_enabled_used_and_disabled_as_aidboxs_article_has_it() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let settings = browser.get("/auth/two-factor").await;
    assert!(
        settings.raw.contains("is <strong>off</strong>"),
        "{}",
        settings.raw
    );
    let (key, codes) = enable(&browser).await;
    assert_eq!(codes.len(), 10);
    let settings = browser.get("/auth/two-factor").await;
    assert!(
        settings.raw.contains("is <strong>on</strong>"),
        "{}",
        settings.raw
    );
    let out = browser.submit(&settings.form_of("Sign out")).await;
    assert_eq!((out.status, out.location()), (303, "/auth/login"));
    service.advance(30);
    let step = browser
        .password("/auth/login", demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    assert_eq!(step.status, 200, "{}", step.raw);
    assert!(browser.cookie("__Host-countersign").is_none());
    let wrong = browser.submit(&step.form(0).with("token", "000000")).await;
    assert_eq!(wrong.status, 401, "{}", wrong.raw);
    assert!(wrong.raw.contains("aria-describedby=\"token-problem\""));
    let code = service.app_code(&key);
    let done = browser.submit(&wrong.form(0).with("token", &code)).await;
    assert_eq!((done.status, done.location()), (303, "/auth/two-factor"));
    service.advance(30);
    let page = browser.get("/auth/two-factor/disable").await;
    let form = page.form(0).with("token", &service.app_code(&key));
    let off = browser.submit(&form).await;
    assert_eq!((off.status, off.location()), (303, "/auth/two-factor"));
    let settings = browser.get("/auth/two-factor").await;
    assert!(
        settings.raw.contains("is <strong>off</strong>"),
        "{}",
        settings.raw
    );
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
    assert_eq!(wrong.status, 401, "{}", wrong.raw);
    assert_eq!(key(&wrong), key(&page));
    assert!(page.raw.contains("<svg class=\"qr\" role=\"img\""));
    let code = service.app_code(&key(&page));
    let done = browser.submit(&wrong.form(0).with("token", &code)).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    let again = browser.get("/auth/two-factor/enable").await;
    assert_eq!(again.location(), "/auth/two-factor", "it is on");
}

#[tokio::test]
async fn a_code_by_mail_or_sms_and_a_recovery_code_sign_in_too() {
    let service = Service::start().await;
    for channel in ["e-mail", "SMS"] {
        let browser = Browser::new(&service);
        let step = browser
            .password("/auth/login", demo::USER, demo::PASSWORD_OF_ALL)
            .await;
        let sent = browser
            .submit(&step.form_of(&format!("by {channel}")))
            .await;
        assert_eq!(sent.status, 200, "{}", sent.raw);
        assert!(sent.raw.contains("We have sent a code"), "{}", sent.raw);
        // Here the address is the name of the account, and is shown only as the name.
        assert_eq!(sent.raw.matches(demo::USER).count(), 1, "{}", sent.raw);
        assert!(!sent.raw.contains(demo::PHONE), "{}", sent.raw);
        let soon = browser
            .submit(&sent.form_of(&format!("by {channel}")))
            .await;
        assert_eq!(soon.status, 429, "{}", soon.raw);
        assert!(soon.header("retry-after").is_some());
        let code = service.newest_code();
        let done = browser.submit(&soon.form(0).with("token", &code)).await;
        assert_eq!(done.status, 303, "{}", done.raw);
        service.advance(60);
    }
    let browser = Browser::new(&service);
    let step = browser
        .password("/auth/login", demo::USER, demo::PASSWORD_OF_ALL)
        .await;
    let page = browser.get(&step.link("Use a recovery code")).await;
    assert_eq!(page.form(0).value("factor"), "recovery");
    let form = page.form(0).with("token", demo::RECOVERY_CODE);
    assert_eq!(browser.submit(&form).await.status, 303);
    let again = Browser::new(&service);
    let step = again
        .password("/auth/login", demo::USER, demo::PASSWORD_OF_ALL)
        .await;
    // It was the only recovery code, so the page offers none any more.
    assert!(!step.raw.contains("Use a recovery code"), "{}", step.raw);
    let form = step.form(0).with("factor", "recovery");
    let used = again.submit(&form.with("token", demo::RECOVERY_CODE)).await;
    assert_eq!(used.status, 401, "{}", used.raw);
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
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let form = sent.form(0).with("token", &service.newest_code());
    let off = browser.submit(&form).await;
    assert_eq!(
        (off.status, off.location()),
        (303, "/auth/two-factor"),
        "{}",
        off.raw
    );
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
    assert_eq!(led.status, 303, "{}", led.raw);
    assert!(
        led.location()
            .starts_with("/auth/two-factor/enable?client_id=web")
    );
    assert!(browser.cookie("__Host-countersign").is_none());
    for path in ["/auth/two-factor", "/auth/two-factor/disable"] {
        assert_eq!(browser.get(path).await.location(), "/auth/login");
    }
    let page = browser.get(led.location()).await;
    assert_eq!(page.status, 200, "{}", page.raw);
    let wrong = browser.submit(&page.form(0).with("token", "000000")).await;
    assert_eq!((wrong.status, key(&wrong)), (401, key(&page)));
    let code = service.app_code(&key(&page));
    let done = browser.submit(&wrong.form(0).with("token", &code)).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    let done = browser.get(done.location()).await;
    assert_eq!(recovery_codes(&service, &done).len(), 10);
    let onward = done.raw.split("class=\"button\" href=\"").nth(1).unwrap();
    let onward = unescape(onward.split('"').next().unwrap());
    let token = browser.get(&onward).await.parameter("access_token");
    let user = service.get("/auth/userinfo", Some(&token)).await;
    assert_eq!(user.body["twoFactor"]["enabled"], true, "{}", user.raw);
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
    assert_eq!(page.status, 200, "{}", page.raw);
    assert!(browser.cookie("__Host-countersign").is_none());
    let common = page.form(0).with("new_password", "password1");
    let common = browser.submit(&common).await;
    assert_eq!(common.status, 400, "{}", common.raw);
    assert!(
        common
            .raw
            .contains("aria-describedby=\"new_password-problem new_password-rule\"")
    );
    let form = common.form(0).with("new_password", NEW_PASSWORD);
    let done = browser.submit(&form).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    assert_eq!(browser.get("/auth/two-factor").await.status, 200);
}

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
    assert_eq!(weak.status, 400, "{}", weak.raw);
    assert!(
        weak.raw
            .contains("aria-describedby=\"password-problem password-rule\"")
    );
    let done = browser.submit(&form.with("password", PASSWORD)).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let early = browser.password("/auth/login", EMAIL, PASSWORD).await;
    assert_eq!(early.status, 403, "{}", early.raw);
    service.advance(31);
    let again = browser.submit(&early.form_of("Send another")).await;
    assert_eq!(again.status, 200, "{}", again.raw);
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
    assert_eq!(confirmed.status, 200, "{}", confirmed.raw);
    let twice = browser.submit(&page.form_of("Confirm")).await;
    assert_eq!(twice.status, 200, "{}", twice.raw);
    assert!(twice.raw.contains("address is confirmed"), "{}", twice.raw);
    let signed_in = browser.password("/auth/login", EMAIL, PASSWORD).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.raw);

    let other = Browser::new(&service);
    let form = other.get("/auth/forgot").await.form(0).with("email", EMAIL);
    let sent = other.submit(&form).await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
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
    assert_eq!(reset.status, 200, "{}", reset.raw);
    assert!(
        other.cookie("__Host-countersign").is_none(),
        "nobody is signed in"
    );
    let out = browser.get("/auth/two-factor").await;
    assert_eq!(out.location(), "/auth/login", "other sessions end");
    assert_eq!(other.submit(&form).await.status, 400, "once");
}

#[tokio::test]
async fn every_page_is_closed_to_frames_scripts_caches_and_strangers_stylesheets() {
    let service = Service::start_with(&[
        (
            "COUNTERSIGN_THEME_STYLE_URL",
            "https://cdn.example.com/a/style.css",
        ),
        ("COUNTERSIGN_THEME_BRAND", "Brand <b>&\"'"),
        (
            "COUNTERSIGN_THEME_TITLE",
            "</title><script>alert(1)</script>",
        ),
        (
            "COUNTERSIGN_THEME_FORGOT_PASSWORD_URL",
            "https://help.example.com/?a=1&b=2",
        ),
    ])
    .await;
    let browser = Browser::new(&service);
    for (path, end) in [
        (format!("/auth/login?{FOR_TOKEN}"), " http://localhost:3000"),
        ("/auth/login".to_owned(), ""),
        ("/auth/signup".to_owned(), ""),
        ("/auth/confirm?user=ab&token=x".to_owned(), ""),
        ("/auth/authorize".to_owned(), ""),
    ] {
        let page = browser.get(&path).await;
        let style = page.raw.split("<style>").nth(1).unwrap();
        let style = style.split("</style>").next().unwrap();
        let digest = sha256(style);
        let theme = " https://cdn.example.com";
        assert_eq!(
            page.header("content-security-policy").unwrap(),
            format!(
                "default-src 'none'; style-src 'sha256-{digest}'{theme}; form-action 'self'{end}; \
                 frame-ancestors 'none'; base-uri 'none'"
            ),
            "{path}"
        );
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(
            !page.raw.contains("<script") && !page.raw.contains("<b>"),
            "{}",
            page.raw
        );
    }
    let page = browser.get("/auth/login").await;
    assert!(
        page.raw.contains("https://help.example.com/?a=1&#38;b=2"),
        "{}",
        page.raw
    );
    let forgot = browser.get("/auth/forgot").await;
    assert_eq!(forgot.location(), "https://help.example.com/?a=1&b=2");
}

/// The hash in the form of a content security policy.
fn sha256(text: &str) -> String {
    let digest = URL_SAFE_NO_PAD.decode(code_challenge(text)).unwrap();
    STANDARD.encode(digest)
}
