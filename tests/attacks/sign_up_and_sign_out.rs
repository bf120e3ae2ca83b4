//! Attacks that once worked: on sign-up, on what a browser was given, and on
//! phones.

use serde_json::json;

use countersign_local::demo;

use crate::dialects::aidbox::authorize::{FOR_TOKEN, VERIFIER, code, exchange};
use crate::harness::Service;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD};
use crate::harness::browser::Browser;

pub async fn sign_up(browser: &Browser<'_>, password: &str) {
    let form = browser.get("/auth/signup").await.form(0);
    let form = form.with("email", EMAIL).with("password", password);
    let done = browser.submit(&form).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn an_account_that_a_stranger_made_for_an_address_falls_to_the_owner_of_the_mailbox() {
    let service = Service::start().await;
    let (stranger, owner) = (Browser::new(&service), Browser::new(&service));
    sign_up(&stranger, PASSWORD).await;
    // Nobody signs in by an address that is not confirmed.
    let early = stranger.password("/auth/login", EMAIL, PASSWORD).await;
    assert_eq!(early.status, 403, "{}", early.raw);
    let token = service.aidbox_password(EMAIL, PASSWORD, &json!({})).await;
    token.is_refused(400, "invalid_grant", "User is not confirmed");
    service.advance(31);
    sign_up(&owner, NEW_PASSWORD).await;
    let link = service.newest_link();
    service.watch_secret(&service.link_parameter("token"));
    assert!(
        link.as_str()
            .starts_with("https://localhost:8788/auth/reset?"),
        "{link}"
    );
    let path = format!("{}?{}", link.path(), link.query().unwrap());
    let form = owner.get(&path).await.form(0);
    let reset = owner.submit(&form.with("new_password", NEW_PASSWORD)).await;
    assert_eq!(reset.status, 200, "{}", reset.raw);
    let stranger = stranger.password("/auth/login", EMAIL, PASSWORD).await;
    assert_eq!(stranger.status, 401, "{}", stranger.raw);
    // The link that reset the password confirmed the address.
    let signed_in = owner.password("/auth/login", EMAIL, NEW_PASSWORD).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.raw);
}

#[tokio::test]
async fn a_signed_out_access_token_binds_no_phone() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    let send = "/api/account/send-phone-number-confirmation-token";
    let phone = json!({ "userId": id, "phoneNumber": "+15555550155" });
    let sent = service.post_as(Some(&access), send, &phone).await;
    assert_eq!(sent.status, 204, "{}", sent.raw);
    let code = json!({ "userId": id, "token": service.newest_code() });
    assert_eq!(service.delete_session(&access).await.status, 200);
    let confirm = "/api/account/confirm-phone-number";
    let confirmed = service.post_as(Some(&access), confirm, &code).await;
    assert_eq!(confirmed.status, 401, "{}", confirmed.raw);
    service.advance(31);
    let sent = service.post_as(Some(&access), send, &phone).await;
    assert_eq!(sent.status, 401, "{}", sent.raw);
    let user = service.account(demo::PLAIN_USER).await.user;
    assert!(!user.phone_confirmed);
}

#[tokio::test]
async fn a_used_code_without_its_verifier_ends_no_session() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let code = code(&browser).await;
    let tokens = exchange(&service, &code, &[("code_verifier", VERIFIER)]).await;
    let access = tokens.text("access_token");
    let seen = exchange(&service, &code, &[]).await;
    seen.is_refused(400, "invalid_grant", "Wrong code");
    let user = service.get("/auth/userinfo", Some(&access)).await;
    assert_eq!(user.status, 200, "{}", user.raw);
}

#[tokio::test]
async fn a_sign_out_ends_the_code_and_the_token_that_the_browser_was_given() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let code = code(&browser).await;
    let given = browser.get(&format!("/auth/authorize?{FOR_TOKEN}")).await;
    let access = given.parameter("access_token");
    let user = service.get("/auth/userinfo", Some(&access)).await;
    assert_eq!(user.status, 200, "{}", user.raw);
    let settings = browser.get("/auth/two-factor").await;
    browser.submit(&settings.form_of("Sign out")).await;
    let late = exchange(&service, &code, &[("code_verifier", VERIFIER)]).await;
    late.is_refused(400, "invalid_grant", "Wrong code");
    let user = service.get("/auth/userinfo", Some(&access)).await;
    assert_eq!(user.status, 401, "{}", user.raw);
}

#[tokio::test]
async fn a_sign_in_ends_the_session_that_the_browser_had() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let thief = Browser::new(&service);
    thief.cookies.replace(browser.cookies.borrow().clone());
    assert_eq!(thief.get("/auth/two-factor").await.status, 200);
    browser.sign_in_plain().await;
    assert_eq!(
        thief.get("/auth/two-factor").await.location(),
        "/auth/login"
    );
    assert_eq!(browser.get("/auth/two-factor").await.status, 200);
}

#[tokio::test]
async fn a_word_of_the_products_name_is_no_password() {
    let service = Service::start().await;
    for password in ["Countersign", "countersign1"] {
        let refused = service.register("somebody", EMAIL, password).await;
        assert_eq!(refused.status, 403, "{}", refused.raw);
        assert_eq!(service.messages().len(), 0);
    }
}

#[tokio::test]
async fn a_page_that_says_no_carries_the_theme() {
    let service = Service::start_with(&[("COUNTERSIGN_THEME_BRAND", "Acme")]).await;
    let browser = Browser::new(&service);
    let unknown = "/auth/authorize?client_id=nobody&response_type=code";
    let forged = browser.get("/auth/login").await.form(0).with("csrf", "x");
    for page in [browser.get(unknown).await, browser.submit(&forged).await] {
        assert!([400, 403].contains(&page.status), "{}", page.raw);
        assert!(
            page.raw.contains("<title>This did not work - Acme</title>"),
            "{}",
            page.raw
        );
        assert!(
            page.raw.contains("<p class=\"brand\">Acme</p>"),
            "{}",
            page.raw
        );
    }
}
