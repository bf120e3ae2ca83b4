//! A stranger signs up with the address of somebody who is about to sign up by a code.

use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::accounts::sign_up::{auth0_only, change_password, sign_up};
use crate::dialects::auth0::login::passwordless::{by_mailbox, by_session, challenge, start};
use crate::harness::Service;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD};
use crate::harness::browser::Browser;

fn path_of(link: &url::Url) -> String {
    format!("{}?{}", link.path(), link.query().unwrap())
}

async fn is_dead(service: &Service, link: &url::Url) {
    let page = Browser::new(service).get(&path_of(link)).await;
    assert_eq!(page.status, 400, "{}", page.raw);
}

#[tokio::test]
async fn the_right_code_takes_the_account_from_who_signed_up_after_the_code_was_asked_for() {
    for by_address in [false, true] {
        let service = auth0_only().await;
        let asked = match by_address {
            true => start(&service, EMAIL).await,
            false => challenge(&service, EMAIL, true).await,
        };
        let code = service.newest_code();
        service.advance(31);
        let squatter = sign_up(&service, EMAIL, &json!({})).await;
        assert_eq!(squatter.status, 200, "{}", squatter.raw);
        let link = service.newest_link();
        assert_eq!(link.path(), "/auth/confirm");
        let owner = match by_address {
            true => by_mailbox(&service, EMAIL, &code).await,
            false => by_session(&service, &asked.text("auth_session"), &code).await,
        };
        assert_eq!(owner.status, 200, "{}", owner.raw);
        let user = service.account(EMAIL).await.user;
        assert!(user.email_confirmed && user.password.is_none());
        assert_eq!(owner.claims("id_token")["sub"], user.id.dashed());
        let refreshed = service.refresh(&owner.text("refresh_token")).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
        // The owner opens the stranger's link after all.
        Browser::new(&service).get(&path_of(&link)).await;
        let late = service.password_of(EMAIL, PASSWORD).await;
        late.is_refused(403, "invalid_grant", "Wrong email or password.");
    }
}

#[tokio::test]
async fn the_code_ends_what_the_stranger_has_begun_and_enrolled() {
    let settings = [
        ("COUNTERSIGN_SIGN_UP", "auth0"),
        ("COUNTERSIGN_CONFIRMATION_REQUIRED", "none"),
        ("COUNTERSIGN_UNCONFIRMED_ENROLLMENT", "allowed"),
    ];
    let service = Service::start_with(&settings).await;
    let asked = challenge(&service, EMAIL, true).await;
    let (session, code) = (asked.text("auth_session"), service.newest_code());
    service.advance(31);
    sign_up(&service, EMAIL, &json!({})).await;
    let squatter = crate::attacks::unowned_accounts::for_mfa(&service, EMAIL, PASSWORD).await;
    let access = squatter.text("access_token");
    let seed = service.associate_app(&access).await;
    let enrolled = service.redeem_otp(&access, &service.app_code(&seed)).await;
    assert_eq!(enrolled.status, 200, "{}", enrolled.raw);
    let kept = enrolled.body.get("refresh_token").cloned();
    let owner = by_session(&service, &session, &code).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
    let account = service.account(EMAIL).await;
    assert!(account.factors.is_empty() && account.recovery.is_none());
    let listed = service.get("/mfa/authenticators", Some(&access)).await;
    assert_eq!(listed.status, 401, "{}", listed.raw);
    if let Some(token) = kept {
        let refreshed = service.refresh(token.as_str().unwrap()).await;
        assert_eq!(refreshed.status, 403, "{}", refreshed.raw);
    }
}

#[tokio::test]
async fn a_code_does_not_take_an_account_whose_address_was_confirmed_meanwhile() {
    let service = auth0_only().await;
    let asked = challenge(&service, EMAIL, true).await;
    let (session, code) = (asked.text("auth_session"), service.newest_code());
    service.advance(31);
    sign_up(&service, EMAIL, &json!({})).await;
    let browser = Browser::new(&service);
    let page = browser.get(&path_of(&service.newest_link())).await;
    let confirmed = browser.submit(&page.form_of("Confirm")).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.raw);
    let late = by_session(&service, &session, &code).await;
    late.is_refused(400, "invalid_request", "Wrong or expired code.");
    let login = service.password_of(EMAIL, PASSWORD).await;
    assert_eq!(login.status, 200, "{}", login.raw);
}

#[tokio::test]
async fn a_forgotten_password_at_an_unconfirmed_address_ends_the_links_that_confirm_it() {
    let service = auth0_only().await;
    sign_up(&service, EMAIL, &json!({})).await;
    let link = service.newest_link();
    assert_eq!(link.path(), "/auth/confirm");
    service.advance(31);
    change_password(&service, EMAIL).await;
    let newest = service.newest_link();
    assert_eq!(newest.path(), "/auth/reset");
    is_dead(&service, &link).await;
    let owner = Browser::new(&service);
    let form = owner.get(&path_of(&newest)).await.form(0);
    let reset = owner.submit(&form.with("new_password", NEW_PASSWORD)).await;
    assert_eq!(reset.status, 200, "{}", reset.raw);
    let login = service.password_of(EMAIL, NEW_PASSWORD).await;
    assert_eq!(login.status, 200, "{}", login.raw);
}

#[tokio::test]
async fn the_mail_with_a_first_code_says_nothing_of_a_password() {
    let service = auth0_only().await;
    challenge(&service, demo::PLAIN_USER, false).await;
    let mail = service.messages().remove(0);
    let text = mail.text.replace(&service.newest_code(), "[code]");
    insta::assert_snapshot!(text, @r"
    Your Countersign Demo sign-in code is:

    [code]

    The code is valid for 5 minutes. Enter the code where you are signing in.

    Countersign Demo never asks for this code. Do not share it.

    If you did not ask for this code, someone else typed your address. Nobody signs in without the code, so there is nothing to do. Do not give this code to anyone.
    ");
}

#[tokio::test]
async fn a_taken_account_keeps_nothing_that_the_stranger_wrote_and_knows_none_of_the_strangers_networks()
 {
    let settings = [
        ("COUNTERSIGN_SIGN_UP", "auth0"),
        ("COUNTERSIGN_CONFIRMATION_REQUIRED", "none"),
    ];
    let service = Service::start_with(&settings).await;
    let asked = challenge(&service, EMAIL, true).await;
    let (session, code) = (asked.text("auth_session"), service.newest_code());
    service.advance(31);
    let stranger = json!({
        "given_name": "Mal", "family_name": "Lory", "name": "Mal Lory", "nickname": "mal",
        "picture": "https://example.net/mal.png", "user_metadata": { "plan": "free" },
    });
    let signed_up = sign_up(&service, EMAIL, &stranger).await;
    assert_eq!(signed_up.status, 200, "{}", signed_up.raw);
    let owner = by_session(&service, &session, &code).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
    let user = service.account(EMAIL).await.user;
    assert_eq!((&user.given_name, &user.family_name), (&None, &None));
    assert_eq!(
        user.profile,
        countersign::domain::accounts::profile::Profile::default()
    );
    assert_eq!(user.reset_at, Some(service.now()));
}
