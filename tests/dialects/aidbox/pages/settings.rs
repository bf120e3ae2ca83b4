//! The passkeys and the remembered devices in the settings of a user, each with its end.

use countersign_local::demo;
use insta::assert_snapshot;

use crate::dialects::aidbox::pages::passkeys::{SIGN_IN, add, authenticator, passkey_form};
use crate::dialects::aidbox::pages::trusted_browsers::{COOKIE, is_trusted, remember};
use crate::dialects::auth0::login::passkeys::authenticator::{Authenticator, DOMAIN};
use crate::dialects::auth0::sessions::trusted_devices::{ON, Phone, stored};
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

pub const SETTINGS: &str = "/auth/two-factor";

/// A signature of this passkey on the page of the sign-in.
async fn by_passkey(browser: &Browser<'_>, passkey: &mut Authenticator) -> Answer {
    let (options, form) = passkey_form(&browser.get(SIGN_IN).await);
    let signed = passkey.sign(&options).to_string();
    browser.submit(&form.with("passkey", &signed)).await
}

#[tokio::test]
async fn a_user_lists_the_passkeys_on_the_page_and_removes_one() {
    let service = Service::start_with(&[DOMAIN]).await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let (mut first, mut second) = (authenticator(), authenticator());
    add(&browser, &mut first).await;
    service.advance(60);
    // Once there is a passkey, the next one takes a session of a passkey.
    let done = by_passkey(&browser, &mut first).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    service.advance(60);
    add(&browser, &mut second).await;
    let page = browser.get(SETTINGS).await;
    assert_snapshot!(page.page(), @r"
    200 Two-factor authentication - Countersign Demo
    Countersign Demo
    Two-factor authentication
    Signed in as plain@example.com.
    Two-factor authentication is off.
    Enable
    You have 2 passkeys.
    form /auth/two-factor
    [csrf]
    A passkey of 15 January 2027, 08:00 UTC. It stays on one device. Last used 15 January 2027, 08:01 UTC.
    [remove_passkey=[id]] Remove the passkey of 15 January 2027, 08:00 UTC
    form /auth/two-factor
    [csrf]
    A passkey of 15 January 2027, 08:02 UTC. It stays on one device.
    [remove_passkey=[id]] Remove the passkey of 15 January 2027, 08:02 UTC
    Add a passkey
    form /auth/logout
    [csrf]
    Sign out
    ");
    let before = service.messages().len();
    let remove = page.form_of("Remove the passkey of 15 January 2027, 08:00 UTC");
    let done = browser
        .post(&remove, &[("sec-fetch-site", "same-origin")])
        .await;
    assert_eq!((done.status, done.location()), (303, SETTINGS));
    assert_eq!(service.messages().len(), before + 1);
    let notice = service.messages().first().unwrap().text.clone();
    assert!(notice.contains("A passkey was removed"), "{notice}");
    // The session goes on, and the passkey that is left signs in.
    let page = browser.get(SETTINGS).await;
    assert!(page.raw.contains("1 passkey<"), "{}", page.raw);
    assert!(!page.raw.contains("08:00 UTC"), "{}", page.raw);
    let again = browser.submit(&remove).await;
    assert_eq!(again.status, 400, "{}", again.raw);
    assert!(
        again.raw.contains("It was removed before."),
        "{}",
        again.raw
    );
    let other = Browser::new(&service);
    assert_eq!(by_passkey(&other, &mut first).await.status, 401);
    assert_eq!(by_passkey(&other, &mut second).await.status, 303);
    // With the last passkey gone, the password signs in as before.
    let page = other.get(SETTINGS).await;
    let gone = other.submit(&page.form_of("Remove the passkey")).await;
    assert!(
        gone.raw.contains("0 passkeys"),
        "{} {}",
        gone.status,
        gone.raw
    );
    Browser::new(&service).sign_in_plain().await;
}

#[tokio::test]
async fn removing_a_passkey_takes_a_young_session_of_the_strongest_factor_and_a_form_of_its_own() {
    let service = Service::start_with(&[DOMAIN]).await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let mut passkey = authenticator();
    add(&browser, &mut passkey).await;
    // The session of a password shows the list, and removes nothing.
    let weak = Browser::new(&service);
    weak.sign_in_plain().await;
    let form = weak.get(SETTINGS).await.form_of("Remove the passkey");
    let refused = weak.submit(&form).await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
    assert!(refused.raw.contains("Sign in again"), "{}", refused.raw);
    let strong = Browser::new(&service);
    by_passkey(&strong, &mut passkey).await;
    let form = strong.get(SETTINGS).await.form_of("Remove the passkey");
    for headers in [
        [("origin", "https://evil.example"), ("x-none", "")],
        [("origin", "null"), ("sec-fetch-site", "cross-site")],
    ] {
        assert_eq!(strong.submit_with(&form, &headers).await.status, 403);
    }
    for forged in [
        form.clone().without("csrf"),
        form.clone().with("csrf", "AAAA"),
    ] {
        assert_eq!(strong.submit(&forged).await.status, 403);
    }
    assert_eq!(weak.submit(&form).await.status, 403);
    let unknown = form.clone().with("remove_passkey", "nothing");
    assert_eq!(strong.submit(&unknown).await.status, 400);
    // Another user's browser does not remove it either.
    let eve = Browser::new(&service);
    eve.sign_in().await;
    let own = eve.get(SETTINGS).await.form_of("Sign out");
    let mut foreign = form.clone();
    foreign.fields.retain(|(name, _)| name != "csrf");
    let foreign = foreign.with("csrf", own.value("csrf"));
    let refused = eve.submit(&foreign).await;
    assert_eq!(refused.status, 400, "{}", refused.raw);
    service.advance(601);
    let refused = strong.submit(&form).await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
    assert!(refused.raw.contains("Sign in again"), "{}", refused.raw);
    assert_eq!(
        service.account(demo::PLAIN_USER).await.passkeys().count(),
        1
    );
}

#[tokio::test]
async fn the_last_passkey_of_a_user_without_a_password_stays() {
    let service = Service::start_with(&[DOMAIN]).await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let mut passkey = authenticator();
    add(&browser, &mut passkey).await;
    let user = service.account(demo::PLAIN_USER).await.user.id;
    let store = &service.app.store;
    let update = store.dynamodb().update_item().table_name(store.table());
    let text = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    let update = update
        .key("PK", text(format!("USER#{user}")))
        .key("SK", text("PROFILE".to_owned()))
        .update_expression("REMOVE password_hash");
    update.send().await.unwrap();
    by_passkey(&browser, &mut passkey).await;
    let form = browser.get(SETTINGS).await.form_of("Remove the passkey");
    let kept = browser.submit(&form).await;
    assert_eq!(kept.status, 403, "{}", kept.raw);
    assert!(
        kept.raw.contains("only way into your account"),
        "{}",
        kept.raw
    );
    // The message is shown once.
    let page = browser.get(SETTINGS).await;
    assert_eq!(page.status, 200);
    assert!(page.raw.contains("1 passkey<"), "{}", page.raw);
}

#[tokio::test]
async fn a_user_forgets_a_device_and_a_browser_on_the_page() {
    let service = Service::start_with(&ON).await;
    let browser = Browser::new(&service);
    remember(&browser).await;
    let phone = Phone::new();
    phone.remember(&service).await;
    let other = Browser::new(&service);
    remember(&other).await;
    assert!(is_trusted(&browser).await);
    let page = browser.get(SETTINGS).await;
    assert_snapshot!(page.page(), @r"
    200 Two-factor authentication - Countersign Demo
    Countersign Demo
    Two-factor authentication
    Signed in as user@example.com.
    Two-factor authentication is on.
    Disable
    On these devices your password is enough. You can have them forgotten.
    form /auth/two-factor
    [csrf]
    an unknown device, remembered 15 January 2027, 08:01 UTC, until 14 February 2027, 08:01 UTC.
    [forget_device=[opaque]] Forget an unknown device of 15 January 2027, 08:01 UTC
    form /auth/two-factor
    [csrf]
    Ann's phone, remembered 15 January 2027, 08:01 UTC, until 14 February 2027, 08:01 UTC.
    [forget_device=[opaque]] Forget Ann's phone of 15 January 2027, 08:01 UTC
    form /auth/two-factor
    [csrf]
    an unknown device, remembered 15 January 2027, 08:00 UTC, until 14 February 2027, 08:00 UTC. Last used 15 January 2027, 08:01 UTC.
    [forget_device=[opaque]] Forget this browser
    form /auth/logout
    [csrf]
    Sign out
    ");
    // No factor is needed: a device that is forgotten weakens nothing.
    let of_phone = page.form_of("Forget Ann's phone");
    let done = browser.submit(&of_phone).await;
    assert!(!done.raw.contains("phone"), "{}", done.raw);
    assert!(!phone.is_trusted(&service).await);
    let again = browser.submit(&of_phone).await;
    assert!(
        again.raw.contains("It was removed before."),
        "{}",
        again.raw
    );
    let done = browser.submit(&page.form_of("Forget this browser")).await;
    assert!(!done.raw.contains("Forget this browser"), "{}", done.raw);
    assert!(!is_trusted(&browser).await);
    assert!(is_trusted(&other).await);
    assert_eq!(stored(&service, "DEVICE#").await, 3);
    // Another user cannot.
    let eve = Browser::new(&service);
    eve.sign_in_plain().await;
    let own = eve.get(SETTINGS).await.form_of("Sign out");
    let form = other.get(SETTINGS).await.form_of("Forget this browser");
    let foreign = form.with("csrf", own.value("csrf"));
    let refused = eve.submit(&foreign).await;
    assert_eq!(refused.status, 400, "{}", refused.raw);
    assert!(is_trusted(&other).await);
    assert!(other.cookie(COOKIE).is_some());
}
