//! What a thief tries with the cookie of a trusted browser, and what the cookie must not open.

use countersign::domain::authorization::grant::{Grant, Grants};
use countersign_local::demo;
use serde_json::json;

use crate::dialects::aidbox::authorization::authorize::{FOR_TOKEN, for_code};
use crate::dialects::aidbox::pages::trusted_browsers::{
    COOKIE, is_signed_in, is_trusted, remember, typed,
};
use crate::dialects::auth0::sessions::trusted_devices::{LIFE, ON, start, stored};
use crate::harness::account::PASSWORD;
use crate::harness::browser::Browser;
use crate::harness::{Service, totp_factor};

const EVE: &str = "eve@example.com";

/// A new browser that has nothing but this cookie of a trusted browser.
fn with_cookie<'a>(service: &'a Service, value: &str) -> Browser<'a> {
    let browser = Browser::new(service);
    let mut cookies = browser.cookies.borrow_mut();
    cookies.insert(COOKIE.to_owned(), value.to_owned());
    drop(cookies);
    browser
}

/// A second user with an app.
async fn add_eve(service: &Service) {
    let user = service.add_user(EVE, |account| account.factors.clear());
    let app = totp_factor(&service.app, user.await, demo::SEED, true).await;
    let eve = service.account(EVE).await.user.id;
    service.add_factor(eve, &app).await;
}

/// Signs Eve in with a factor, and has the browser remembered.
async fn remember_eve(browser: &Browser<'_>) {
    browser.service.advance(30);
    let step = browser.password("/auth/login", EVE, demo::PASSWORD_OF_ALL);
    let form = step.await.form(0);
    let form = form.with("token", &browser.service.totp());
    let done = browser.submit(&form.with("remember_browser", "true")).await;
    assert_eq!(done.status, 303, "{}", done.raw);
}

#[tokio::test]
async fn the_cookie_of_one_user_stands_in_for_no_factor_of_another() {
    let service = start().await;
    add_eve(&service).await;
    let (owner, eve) = (Browser::new(&service), Browser::new(&service));
    remember(&owner).await;
    remember_eve(&eve).await;
    let (of_owner, of_eve) = (owner.cookie(COOKIE).unwrap(), eve.cookie(COOKIE).unwrap());
    assert!(!is_trusted(&with_cookie(&service, &of_eve)).await);
    let wrong = with_cookie(&service, &of_owner);
    let wrong = wrong.password("/auth/login", EVE, demo::PASSWORD_OF_ALL);
    assert!(!is_signed_in(&wrong.await));
    // An item of one user that is copied to another does not help either: the hash has the user.
    let items = service.items().await;
    let of_eve_id = service.account(EVE).await.user.id;
    let owner_id = service.account(demo::USER).await.user.id;
    let store = &service.app.store;
    for mut item in items {
        let text = |name: &str| item[name].as_s().unwrap().clone();
        if text("SK").starts_with("DEVICE#") && text("PK") == format!("USER#{of_eve_id}") {
            let to = aws_sdk_dynamodb::types::AttributeValue::S(format!("USER#{owner_id}"));
            item.insert("PK".to_owned(), to);
            let put = store.dynamodb().put_item().table_name(store.table());
            put.set_item(Some(item)).send().await.unwrap();
        }
    }
    assert!(!is_trusted(&with_cookie(&service, &of_eve)).await);
    assert!(is_trusted(&with_cookie(&service, &of_owner)).await);
}

#[tokio::test]
async fn a_trusted_browser_does_not_stand_in_where_the_app_sets_an_age() {
    let service = start().await;
    let browser = Browser::new(&service);
    remember(&browser).await;
    // The thief drops what the address says of the age.
    let thief = with_cookie(&service, &browser.cookie(COOKIE).unwrap());
    assert!(is_trusted(&thief).await);
    let request = format!("/auth/authorize?{}", for_code());
    let given = thief.get(&request).await;
    assert_ne!(given.parameter("code"), "", "{}", given.raw);
    let asked = thief.get(&format!("{request}&max_age=600")).await;
    assert_eq!(asked.parameter("code"), "");
    assert_eq!(asked.parameter("step"), "code", "{}", asked.raw);
}

#[tokio::test]
async fn a_cookie_with_a_changed_byte_and_a_token_of_another_kind_are_no_cookie() {
    let service = start().await;
    let browser = Browser::new(&service);
    remember(&browser).await;
    let cookie = browser.cookie(COOKIE).unwrap();
    let session = browser.cookie("__Host-countersign").unwrap();
    let mut tried = vec![
        String::from("x"),
        session,
        cookie[..cookie.len() - 1].to_owned(),
        format!("{cookie}A"),
    ];
    for at in (0..cookie.len()).step_by(7) {
        let mut bytes = cookie.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        tried.push(String::from_utf8(bytes).unwrap());
    }
    for value in tried {
        assert!(!is_trusted(&with_cookie(&service, &value)).await, "{value}");
    }
    assert!(is_trusted(&with_cookie(&service, &cookie)).await);
}

#[tokio::test]
async fn a_cookie_of_another_deployment_is_no_cookie() {
    let (here, there) = (start().await, start().await);
    let browser = Browser::new(&there);
    remember(&browser).await;
    let cookie = browser.cookie(COOKIE).unwrap();
    assert!(!is_trusted(&with_cookie(&here, &cookie)).await);
}

#[tokio::test]
async fn who_has_the_table_without_the_cookie_signs_in_nowhere() {
    let service = start().await;
    let browser = Browser::new(&service);
    remember(&browser).await;
    let items = service.items().await;
    let sorts = items.iter().map(|item| item["SK"].as_s().unwrap());
    let device = sorts.filter_map(|sort| sort.strip_prefix("DEVICE#")).next();
    let hash = device.unwrap().to_owned();
    let cookie = browser.cookie(COOKIE).unwrap();
    assert!(!cookie.contains(&hash));
    assert!(!is_trusted(&with_cookie(&service, &hash)).await);
}

#[tokio::test]
async fn a_planted_cookie_is_never_taken_over_and_a_thief_who_planted_it_gains_nothing() {
    let service = start().await;
    add_eve(&service).await;
    // Eve plants the cookie of her own trusted browser.
    let eve = Browser::new(&service);
    remember_eve(&eve).await;
    let planted = eve.cookie(COOKIE).unwrap();
    let victim = with_cookie(&service, &planted);
    remember(&victim).await;
    assert_ne!(victim.cookie(COOKIE).unwrap(), planted);
    assert!(!is_trusted(&with_cookie(&service, &planted)).await);
    // Her own place in the list stays: the victim's browser has not ended it.
    assert_eq!(stored(&service, "DEVICE#").await, 2);
    // A former cookie of the victim's is not made good again.
    let old = victim.cookie(COOKIE).unwrap();
    service.operated(&["user", "sign-out", demo::USER]).await;
    assert!(!is_trusted(&victim).await);
    let again = with_cookie(&service, &old);
    remember(&again).await;
    assert!(is_trusted(&again).await);
    assert!(!is_trusted(&with_cookie(&service, &old)).await);
}

#[tokio::test]
async fn no_form_of_another_site_or_browser_has_a_browser_remembered() {
    let service = start().await;
    add_eve(&service).await;
    let (eve, victim) = (Browser::new(&service), Browser::new(&service));
    let step = eve.password("/auth/login", EVE, demo::PASSWORD_OF_ALL);
    let form = step.await.form(0).with("token", &service.totp());
    let form = form.with("remember_browser", "true");
    // The victim's browser sends Eve's form: a login of Eve's must not begin there.
    victim.get("/auth/login").await;
    let refused = victim.submit(&form).await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
    assert_eq!(victim.cookie(COOKIE), None);
    let own = typed(&victim).await.form(0);
    let own = own.with("token", &service.totp());
    let own = own.with("remember_browser", "true");
    let crossed = [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    let refused = victim.submit_with(&own, &crossed).await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
    assert_eq!(victim.cookie(COOKIE), None);
    // The password step remembers nothing.
    let first = victim.get("/auth/login").await.form(0);
    let first = first.with("username", demo::USER);
    let first = first.with("password", demo::PASSWORD_OF_ALL);
    victim.submit(&first.with("remember_browser", "true")).await;
    assert_eq!(victim.cookie(COOKIE), None);
    assert_eq!(stored(&service, "DEVICE#").await, 0);
}

#[tokio::test]
async fn a_recovery_code_has_no_browser_remembered() {
    let service = start().await;
    let browser = Browser::new(&service);
    let step = typed(&browser).await;
    let page = browser.get(&step.link("Use a recovery code")).await;
    let form = page.form(0).with("token", demo::RECOVERY_CODE);
    let done = browser.submit(&form.with("remember_browser", "true")).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    assert_eq!(browser.cookie(COOKIE), None);
    assert_eq!(stored(&service, "DEVICE#").await, 0);
}

#[tokio::test]
async fn a_session_of_a_trusted_browser_changes_no_factor_and_no_password() {
    let service = start().await;
    let browser = Browser::new(&service);
    remember(&browser).await;
    assert!(is_trusted(&browser).await);
    let before = service.account(demo::USER).await;
    let page = browser.get("/auth/two-factor/disable").await;
    let form = page.form(0).with("token", "000000");
    let refused = browser.submit(&form).await;
    assert_eq!(refused.status, 401, "{}", refused.raw);
    // In ABP's words, the session would change the password that the page has taken.
    let account = "https://localhost:8788/api/account/";
    service
        .add_client("account", |client| {
            client.audiences = vec![account.to_owned()];
            client.redirect_uris = vec!["http://localhost:3000/auth".to_owned()];
            client.grants = Grants::from([Grant::Implicit]);
        })
        .await;
    let path = format!(
        "/auth/authorize?{}",
        FOR_TOKEN.replace("=web&", "=account&")
    );
    let given = browser.get(&path).await;
    let token = given.parameter("access_token");
    assert_ne!(token, "", "{} {}", given.status, given.raw);
    let profile = service.get("/api/account/my-profile", Some(&token)).await;
    assert_eq!(profile.status, 200, "{}", profile.raw);
    let body = json!({ "currentPassword": demo::PASSWORD_OF_ALL, "newPassword": PASSWORD });
    let path = "/api/account/my-profile/change-password";
    let refused = service.post_as(Some(&token), path, &body).await;
    assert_eq!(refused.status, 401, "{}", refused.raw);
    let after = service.account(demo::USER).await;
    assert_eq!(after.user.epoch, before.user.epoch);
    assert_eq!(after.factors.len(), before.factors.len());
}

/// Ends trust in a way.
async fn end_by(service: &Service, way: &str) {
    let user = service.account(demo::USER).await.user.id.dashed();
    match way {
        "reset" => {
            let token = service.reset_token(demo::USER).await;
            let same = service.reset(&user, &token, PASSWORD).await;
            assert_eq!(same.status, 204, "{}", same.raw);
        }
        "change" => {
            let due = aws_sdk_dynamodb::types::AttributeValue::Bool(true);
            service
                .set_profile(demo::USER, "must_change_password", due)
                .await;
            service.advance(30);
            let other = Browser::new(service);
            let form = typed(&other).await.form(0);
            let page = other.submit(&form.with("token", &service.totp())).await;
            let changed = page.form(0).with("new_password", PASSWORD);
            assert_eq!(other.submit(&changed).await.status, 303);
        }
        "epoch" => service.raise_epoch(demo::USER).await,
        "sign-out" => drop(service.operated(&["user", "sign-out", demo::USER]).await),
        "operator" => {
            let shown = service.operated(&["user", "show", demo::USER]).await;
            let key = shown["trusted_devices"][0]["id"].as_str().unwrap();
            let remove = ["user", "remove-device", demo::USER, key];
            service.operated(&remove).await;
        }
        "factor" => {
            let shown = service.operated(&["user", "show", demo::USER]).await;
            let factors = shown["factors"].as_array().unwrap();
            let email = factors.iter().find(|one| one["kind"] == "email").unwrap();
            let id = email["id"].as_str().unwrap();
            let remove = ["user", "remove-factor", demo::USER, id, "--reason", "lost"];
            service.operated(&remove).await;
        }
        "disabled" => {
            for command in ["disable", "enable"] {
                service.operated(&["user", command, demo::USER]).await;
            }
        }
        "time" => service.advance(LIFE),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn every_change_of_the_user_the_operator_and_the_time_end_a_trusted_browser() {
    for way in [
        "reset", "change", "epoch", "sign-out", "operator", "factor", "disabled", "time",
    ] {
        let service = start().await;
        let browser = Browser::new(&service);
        remember(&browser).await;
        assert!(is_trusted(&browser).await, "{way}");
        let cookie = browser.cookie(COOKIE).unwrap();
        Box::pin(end_by(&service, way)).await;
        let browser = with_cookie(&service, &cookie);
        let password = match way {
            "reset" | "change" => PASSWORD,
            _ => demo::PASSWORD_OF_ALL,
        };
        let answer = browser.password("/auth/login", demo::USER, password).await;
        assert!(!is_signed_in(&answer), "{way}");
    }
}

#[tokio::test]
async fn a_setting_that_became_shorter_ends_trusted_browsers_of_before() {
    let mut service = Service::start_with(&ON).await;
    let browser = Browser::new(&service);
    remember(&browser).await;
    let cookie = browser.cookie(COOKIE).unwrap();
    service.advance(8 * 86_400);
    assert!(is_trusted(&with_cookie(&service, &cookie)).await);
    service.take(service.restarted_with(&[("COUNTERSIGN_TRUSTED_DEVICE_DAYS", "7")]));
    assert!(!is_trusted(&with_cookie(&service, &cookie)).await);
}
