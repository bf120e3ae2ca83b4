//! A browser whose session lacks nothing but a factor is asked for the factor alone. Nobody
//! else gets a session by that factor.

use countersign_local::demo;

use crate::attacks::auth0::multi_factor::{factor_at, password_at, without_policy};
use crate::dialects::auth0::authorization::authorize::{exchange, request};
use crate::dialects::auth0::login::mailed_link::{
    allow_links, auth_params, path_of_link, press, start_link,
};
use crate::dialects::auth0::sessions::sign_out::BYE;
use crate::harness::browser::{Browser, Form};
use crate::harness::{Answer, Service};

const SESSION: &str = "__Host-countersign";

/// A request that a session of a password alone does not meet.
fn strong(more: &str) -> String {
    request(&format!("&acr_values=aal2{more}"))
}

/// A browser in which the demo user has signed in by the password alone.
async fn weak_browser(service: &Service) -> Browser<'_> {
    let browser = Browser::new(service);
    let done = password_at(&browser, &request("")).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    browser
}

/// The form of the factor with a right code, before the browser sends it.
async fn right_code(browser: &Browser<'_>) -> Form {
    let step = factor_at(browser, &strong("")).await;
    step.form(0).with("token", &browser.service.totp())
}

/// The code has begun no session.
async fn begins_nothing(browser: &Browser<'_>, form: &Form) {
    let before = browser.cookie(SESSION);
    let mut refused = browser.submit(form).await;
    if refused.status == 303 {
        refused = browser.get(refused.location()).await;
    }
    assert_eq!(refused.status, 401, "{}", refused.raw);
    assert_eq!(browser.cookie(SESSION), before);
}

/// The tokens for the code to which this step of a browser leads.
async fn tokens_after(browser: &Browser<'_>, done: &Answer) -> Answer {
    assert_eq!(done.status, 303, "{}", done.raw);
    let given = browser.get(done.location()).await;
    exchange(browser.service, &given.parameter("code")).await
}

#[tokio::test]
async fn a_young_password_is_not_asked_for_again_and_grows_no_younger_by_a_factor() {
    let service = without_policy().await;
    let began = service.now();
    let browser = weak_browser(&service).await;
    let weak = browser.cookie(SESSION);
    service.advance(300);
    let step = factor_at(&browser, &strong("&max_age=600")).await;
    // The request has the time from which the sign-in counts, and not an age that moves.
    service.advance(500);
    let form = step.form(0).with("token", &service.totp());
    let done = browser.submit(&form).await;
    let tokens = tokens_after(&browser, &done).await;
    let claims = tokens.claims("id_token");
    assert_eq!(claims["acr"], "aal2");
    assert_eq!(claims["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
    assert_eq!(claims["auth_time"], began);
    // The session is a new one, and the old one has ended.
    let strong_cookie = browser.cookie(SESSION);
    assert_ne!(strong_cookie, weak);
    let old = Browser::new(&service);
    old.cookies
        .borrow_mut()
        .insert(SESSION.to_owned(), weak.unwrap());
    let refused = old.get(&request("&prompt=none")).await;
    assert_eq!(refused.parameter("error"), "login_required");
    // The factor was shown a moment ago, but the password was not.
    let young = browser.get(&strong("&max_age=60")).await;
    assert!(
        !young.location().contains("step=code"),
        "{}",
        young.location()
    );
}

#[tokio::test]
async fn an_old_password_a_prompt_and_another_user_ask_for_password_and_factor() {
    let service = without_policy().await;
    let browser = weak_browser(&service).await;
    service.advance(100);
    for more in [
        "&max_age=60",
        "&max_age=0",
        "&prompt=login",
        "&prompt=select_account",
        "&id_token_hint=of.nobody.here",
    ] {
        let first = browser.get(&strong(more)).await;
        assert!(!first.location().contains("step=code"), "{more}");
        let page = browser.get(first.location()).await;
        page.form(0).value("password");
    }
    let step = password_at(&browser, &strong("&max_age=60")).await;
    assert_eq!(step.status, 200, "{}", step.raw);
    let form = step.form(0).with("token", &service.totp());
    let done = browser.submit(&form).await;
    let tokens = tokens_after(&browser, &done).await;
    assert_eq!(tokens.claims("id_token")["auth_time"], service.now());
}

#[tokio::test]
async fn a_factor_makes_no_session_stronger_that_has_ended_or_whose_user_has_changed() {
    let service = without_policy().await;
    let browser = weak_browser(&service).await;
    let form = right_code(&browser).await;
    let thief = Browser::new(&service);
    *thief.cookies.borrow_mut() = browser.cookies.borrow().clone();
    let out = format!("/v2/logout?client_id=web&returnTo={BYE}");
    assert_eq!(browser.get(&out).await.status, 302);
    begins_nothing(&thief, &form).await;
    let browser = weak_browser(&service).await;
    let form = right_code(&browser).await;
    service.raise_epoch(demo::USER).await;
    begins_nothing(&browser, &form).await;
}

#[tokio::test]
async fn a_factor_alone_begins_a_session_only_in_the_browser_whose_session_it_makes_stronger() {
    let service = without_policy().await;
    let owner = weak_browser(&service).await;
    let form = right_code(&owner).await;
    // The cookie of the login without the session, as a thief may have planted the cookie.
    let without = Browser::new(&service);
    *without.cookies.borrow_mut() = owner.cookies.borrow().clone();
    without.cookies.borrow_mut().remove(SESSION);
    begins_nothing(&without, &form).await;
    // Beside the session of another user.
    let other = Browser::new(&service);
    other.sign_in_plain().await;
    let another = other.cookie(SESSION).unwrap();
    *other.cookies.borrow_mut() = owner.cookies.borrow().clone();
    other
        .cookies
        .borrow_mut()
        .insert(SESSION.to_owned(), another);
    begins_nothing(&other, &form).await;
    // Beside another session of the same user.
    let twin = weak_browser(&service).await.cookie(SESSION).unwrap();
    let same = Browser::new(&service);
    *same.cookies.borrow_mut() = owner.cookies.borrow().clone();
    same.cookies.borrow_mut().insert(SESSION.to_owned(), twin);
    begins_nothing(&same, &form).await;
    // None of these has spent the code.
    let done = owner.submit(&form).await;
    let tokens = tokens_after(&owner, &done).await;
    assert_eq!(tokens.claims("id_token")["acr"], "aal2");
}

#[tokio::test]
async fn a_factor_makes_no_session_of_a_browser_longer() {
    let service = without_policy().await;
    let began = service.now();
    let browser = weak_browser(&service).await;
    service.advance(11 * 3600);
    let form = right_code(&browser).await;
    let done = browser.submit(&form).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    service.advance(began + 12 * 3600 - 1 - service.now());
    let given = browser.get(&strong("&prompt=none")).await;
    assert!(!given.parameter("code").is_empty(), "{}", given.location());
    service.advance(1);
    let over = browser.get(&strong("&prompt=none")).await;
    assert_eq!(over.parameter("error"), "login_required");
}

#[tokio::test]
async fn a_browser_that_signed_in_by_a_link_shows_the_password_before_the_factor() {
    let service = without_policy().await;
    allow_links(&service).await;
    start_link(&service, demo::USER, &auth_params()).await;
    let browser = Browser::new(&service);
    let done = press(&browser, &path_of_link(&service)).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    assert!(browser.cookie(SESSION).is_some());
    let first = browser.get(&strong("")).await;
    assert!(
        !first.location().contains("step=code"),
        "{}",
        first.location()
    );
    let page = browser.get(first.location()).await;
    page.form(0).value("password");
}
