//! A browser that is remembered on the page of the second factor signs in with the password
//! alone (docs/trusted-devices.md).

use axum::http::Method;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::dialects::aidbox::authorization::authorize::{VERIFIER, code, exchange, for_code};
use crate::dialects::auth0::factors::my_account::add_client;
use crate::dialects::auth0::sessions::trusted_devices::{LIFE, ON, Phone, start, stored};
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

/// The cookie of a trusted browser.
pub const COOKIE: &str = "__Host-countersign-trusted";

const SIGN_IN: &str = "/auth/login";

/// The password of the demo user with factors.
pub async fn typed(browser: &Browser<'_>) -> Answer {
    let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
    browser.password(SIGN_IN, user, password).await
}

/// A sign-in with a code, after the codes of earlier sign-ins. The box is ticked.
pub async fn remember(browser: &Browser<'_>) -> Answer {
    browser.service.advance(30);
    let step = typed(browser).await;
    assert_eq!(step.status, 200, "{}", step.raw);
    let form = step.form(0).with("token", &browser.service.totp());
    let done = browser.submit(&form.with("remember_browser", "true")).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    done
}

/// Whether the answer to a password signs in. Otherwise it asks for a code.
pub fn is_signed_in(answer: &Answer) -> bool {
    match answer.status {
        303 => answer.location() != SIGN_IN,
        200 => {
            assert!(answer.raw.contains("Enter your code"), "{}", answer.raw);
            false
        }
        other => panic!("{other} {}", answer.raw),
    }
}

/// Whether the password signs this browser in.
pub async fn is_trusted(browser: &Browser<'_>) -> bool {
    is_signed_in(&typed(browser).await)
}

/// The claims of the ID token that the demo app gets for the browser's session.
async fn id_token(browser: &Browser<'_>) -> serde_json::Value {
    let code = code(browser).await;
    let shown = [("code_verifier", VERIFIER)];
    let tokens = exchange(browser.service, &code, &shown).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    tokens.claims("id_token")
}

#[tokio::test]
async fn a_remembered_browser_signs_in_by_the_password_alone_and_acr_says_so() {
    let service = start().await;
    let browser = Browser::new(&service);
    let step = typed(&browser).await;
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
    [remember_browser=true]  Remember this browser for 30 days
    Next time, your password is enough here. Only tick this on a device of your own.
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
    let form = step.form(0).with("token", &service.totp());
    let done = browser.submit(&form.with("remember_browser", "true")).await;
    assert_snapshot!(done.page(), @r"
    303
    location: /auth/two-factor
    sets __Host-countersign
    removes __Host-countersign-login
    sets __Host-countersign-trusted
    ");
    let cookies = done.headers.get_all("set-cookie").iter();
    let kept = cookies.map(|cookie| cookie.to_str().unwrap());
    let kept = kept.filter(|cookie| cookie.starts_with(COOKIE));
    let attributes: Vec<&str> = kept
        .map(|cookie| cookie.split_once("; ").unwrap().1)
        .collect();
    let expected = format!("Path=/; Max-Age={LIFE}; Secure; HttpOnly; SameSite=Lax");
    assert_eq!(attributes, [expected]);
    assert_eq!(id_token(&browser).await["acr"], "aal2");
    service.advance(86_400);
    let done = typed(&browser).await;
    assert_eq!((done.status, done.location()), (303, "/auth/two-factor"));
    let claims = id_token(&browser).await;
    assert_eq!(
        (&claims["acr"], &claims["amr"]),
        (&json!("aal1"), &json!(["pwd", "browser"]))
    );
    assert_eq!(stored(&service, "DEVICE#").await, 1);
    // A sign-out of the session leaves the browser remembered.
    let settings = browser.get("/auth/two-factor").await;
    browser.submit(&settings.form_of("Sign out")).await;
    assert!(is_trusted(&browser).await);
}

#[tokio::test]
async fn the_password_is_never_skipped_and_without_the_cookie_the_factor_is_not() {
    let service = start().await;
    let browser = Browser::new(&service);
    remember(&browser).await;
    assert!(!is_trusted(&Browser::new(&service)).await);
    let wrong = browser.password(SIGN_IN, demo::USER, "a wrong password");
    let wrong = wrong.await;
    assert_eq!(wrong.status, 401, "{}", wrong.raw);
    assert!(is_trusted(&browser).await);
    // Without the tick, nothing is remembered.
    let other = Browser::new(&service);
    service.advance(30);
    other.sign_in().await;
    assert_eq!(other.cookie(COOKIE), None);
    assert!(!is_trusted(&other).await);
}

#[tokio::test]
async fn without_the_setting_there_is_no_box_and_a_form_that_asks_is_a_plain_sign_in() {
    let mut service = Service::start().await;
    let browser = Browser::new(&service);
    let step = typed(&browser).await;
    assert!(!step.raw.contains("remember_browser"), "{}", step.raw);
    let form = step.form(0).with("token", &service.totp());
    let done = browser.submit(&form.with("remember_browser", "true")).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    assert_eq!(browser.cookie(COOKIE), None);
    assert_eq!(stored(&service, "DEVICE#").await, 0);
    // The setting of later ends what an earlier setting remembered.
    service.take(service.restarted_with(&ON));
    let browser = Browser::new(&service);
    remember(&browser).await;
    let cookies = browser.cookies.take();
    service.take(service.restarted_with(&[("COUNTERSIGN_TRUSTED_DEVICE_DAYS", "0")]));
    let browser = Browser::new(&service);
    browser.cookies.replace(cookies);
    assert!(!is_trusted(&browser).await);
}

#[tokio::test]
async fn the_box_stands_at_every_factor_but_a_recovery_code() {
    let service = start().await;
    let browser = Browser::new(&service);
    let step = typed(&browser).await;
    let recovery = browser.get(&step.link("Use a recovery code")).await;
    assert!(
        !recovery.raw.contains("remember_browser"),
        "{}",
        recovery.raw
    );
    let sent = browser.submit(&step.form_of("by e-mail")).await;
    assert!(sent.raw.contains("for 30 days"), "{}", sent.raw);
    let form = sent.form(0).with("token", &service.newest_code());
    let done = browser.submit(&form.with("remember_browser", "true")).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    assert!(is_trusted(&browser).await);
    // A box that was ticked beside a wrong code is ticked on the page that says so.
    let other = Browser::new(&service);
    let step = typed(&other).await;
    assert!(!step.raw.contains(" checked>"), "{}", step.raw);
    let wrong = step.form(0).with("token", "000000");
    let plain = other.submit(&wrong).await;
    assert!(!plain.raw.contains(" checked>"), "{}", plain.raw);
    let ticked = other.submit(&wrong.with("remember_browser", "true")).await;
    assert!(ticked.raw.contains(" checked>"), "{}", ticked.raw);
    // Turning two-factor authentication off takes a code, and offers no box.
    let disable = browser.get("/auth/two-factor/disable").await;
    assert!(disable.raw.contains("authenticator app"), "{}", disable.raw);
    assert!(!disable.raw.contains("remember_browser"), "{}", disable.raw);
}

#[tokio::test]
async fn a_request_for_aal2_or_for_a_new_sign_in_takes_a_factor_in_a_remembered_browser_too() {
    let service = start().await;
    let browser = Browser::new(&service);
    remember(&browser).await;
    assert!(is_trusted(&browser).await);
    service.advance(61);
    for more in ["acr_values=aal2", "max_age=60", "max_age=0", "prompt=login"] {
        let path = format!("/auth/authorize?{}&{more}", for_code());
        let asked = browser.get(&path).await;
        assert_eq!(asked.status, 303, "{more}: {}", asked.raw);
        let path = asked.location().to_owned();
        assert!(path.starts_with("/auth/login?"), "{more}: {path}");
        let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
        // Nothing but the factor is missing for `aal2`.
        assert_eq!(path.contains("step=code"), more == "acr_values=aal2");
        let step = match path.contains("step=code") {
            true => browser.get(&path).await,
            false => browser.password(&path, user, password).await,
        };
        assert_eq!(step.status, 200, "{more}: {}", step.raw);
        assert!(step.raw.contains("Enter your code"), "{more}: {}", step.raw);
    }
    // A request that wants none of this takes the browser's word.
    let fresh = Browser::new(&service);
    fresh.cookies.replace(browser.cookies.take());
    fresh.cookies.borrow_mut().remove("__Host-countersign");
    let asked = fresh.get(&format!("/auth/authorize?{}", for_code())).await;
    let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
    let done = fresh.password(asked.location(), user, password).await;
    assert_eq!(done.status, 303, "{}", done.raw);
}

#[tokio::test]
async fn a_browser_that_is_remembered_again_has_one_place_in_the_list() {
    let service = start().await;
    let browser = Browser::new(&service);
    remember(&browser).await;
    let first = browser.cookie(COOKIE).unwrap();
    let path = "/auth/login?client_id=web&response_type=token&acr_values=aal2";
    service.advance(30);
    let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
    let step = browser.password(path, user, password).await;
    let form = step.form(0).with("token", &service.totp());
    browser.submit(&form.with("remember_browser", "true")).await;
    let second = browser.cookie(COOKIE).unwrap();
    assert_ne!(first, second);
    assert_eq!(stored(&service, "DEVICE#").await, 1);
    assert!(is_trusted(&browser).await);
    let cookie = |value: &str| {
        let other = Browser::new(&service);
        other
            .cookies
            .borrow_mut()
            .insert(COOKIE.into(), value.into());
        other
    };
    assert!(!is_trusted(&cookie(&first)).await);
    assert!(is_trusted(&cookie(&second)).await);
}

#[tokio::test]
async fn a_user_lists_the_remembered_browser_among_the_devices_and_ends_it() {
    let service = start().await;
    add_client(&service).await;
    let browser = Browser::new(&service);
    remember(&browser).await;
    let phone = Phone::of_my_account();
    let token = phone.remember(&service).await.text("access_token");
    assert!(is_trusted(&browser).await);
    let path = "/me/v1/trusted-devices";
    let listed = phone.call(&service, (Method::GET, path), &token).await;
    let devices = listed.body["trusted_devices"].as_array().unwrap();
    assert_eq!(devices.len(), 2, "{}", listed.raw);
    let one = &devices[1];
    assert_eq!(
        (&one["client_id"], &one["name"], &one["current"]),
        (&json!(""), &json!("an unknown device"), &json!(false))
    );
    assert_eq!(one["last_used_at"], devices[0]["created_at"]);
    let ended = format!("{path}/{}", one["id"].as_str().unwrap());
    let ended = phone.call(&service, (Method::DELETE, &ended), &token).await;
    assert_eq!(ended.status, 204, "{}", ended.raw);
    assert!(!is_trusted(&browser).await);
}

#[tokio::test]
async fn a_password_that_is_due_takes_a_factor_and_a_login_that_changes_it_remembers_nothing() {
    let service = start().await;
    let browser = Browser::new(&service);
    remember(&browser).await;
    let due = aws_sdk_dynamodb::types::AttributeValue::Bool(true);
    service
        .set_profile(demo::USER, "must_change_password", due)
        .await;
    let step = typed(&browser).await;
    assert!(!is_signed_in(&step));
    service.advance(30);
    let form = step.form(0).with("token", &service.totp());
    let next = browser.submit(&form.with("remember_browser", "true")).await;
    assert!(next.raw.contains("Choose a new password"), "{}", next.raw);
    assert_eq!(stored(&service, "DEVICE#").await, 1);
}
