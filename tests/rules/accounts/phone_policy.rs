//! The policy requires a confirmed phone number (`COUNTERSIGN_CONFIRMATION_REQUIRED` is
//! `phone` or `both`). A user who signed up has no number, and can still get in.

use countersign_local::demo;
use serde_json::json;

use crate::attacks::unowned_accounts::for_mfa;
use crate::dialects::aidbox::pages::key;
use crate::dialects::codemaze::login::password_and_code as login;
use crate::harness::Service;
use crate::harness::account::{EMAIL, PASSWORD};
use crate::harness::browser::Browser;

const TO_THE_PAGE: &str =
    "Set up an authenticator app first, on the page /auth/two-factor of the sign-in service.";

/// A user who signed up and confirmed the e-mail address.
async fn signed_up(policy: &str) -> Service {
    let service = Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", policy)]).await;
    let id = service.registered().await;
    service.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(service.ask_to_confirm_email(None, &id).await.status, 204);
    let token = service.link_parameter("confirmationToken");
    assert_eq!(service.confirm_email(&id, &token).await.status, 204);
    service.advance(31);
    service
}

#[tokio::test]
async fn a_user_without_a_number_sets_up_an_app_on_our_page_and_is_in_in_every_dialect() {
    for policy in ["phone", "both"] {
        let service = signed_up(policy).await;
        let browser = Browser::new(&service);
        let step = browser.password("/auth/login", EMAIL, PASSWORD).await;
        assert_eq!(step.status, 200, "{}", step.raw);
        // The password alone enrols nothing, because a code to the mailbox must come
        // first.
        let early = browser.get("/auth/two-factor/enable").await;
        assert_eq!(early.location(), "/auth/login");
        let sent = browser.submit(&step.form_of("by e-mail")).await;
        let code = service.newest_code();
        let led = browser.submit(&sent.form(0).with("token", &code)).await;
        assert!(
            led.location().starts_with("/auth/two-factor/enable"),
            "{}",
            led.raw
        );
        assert!(browser.cookie("__Host-countersign").is_none());
        let page = browser.get(led.location()).await;
        let seed = key(&page);
        let code = service.app_code(&seed);
        let done = browser.submit(&page.form(0).with("token", &code)).await;
        assert_eq!(done.location(), "/auth/two-factor", "{}", done.raw);

        service.advance(60);
        let auth0 = for_mfa(&service, EMAIL, PASSWORD).await;
        assert_eq!(auth0.text("error"), "mfa_required", "{}", auth0.raw);
        let code = service.app_code(&seed);
        let tokens = service.redeem_otp(&auth0.text("mfa_token"), &code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.raw);
        let abp = service.sign_in(EMAIL, PASSWORD).await;
        assert_eq!(abp.error(), "invalid_grant: RequiresTwoFactor");
        let codemaze = login::login(&service, EMAIL, PASSWORD).await;
        assert_eq!(
            codemaze.body["provider"], "Authenticator",
            "{}",
            codemaze.raw
        );
        service.advance(60);
        let aidbox = json!({ "token": service.app_code(&seed) });
        let aidbox = service.aidbox_password(EMAIL, PASSWORD, &aidbox).await;
        assert_eq!(aidbox.status, 200, "{}", aidbox.raw);
    }
}

#[tokio::test]
async fn until_then_each_dialect_says_where_the_way_is_and_gives_no_tokens() {
    for policy in ["phone", "both"] {
        let service = signed_up(policy).await;
        let sent = service.messages().len();
        let abp = service.sign_in(EMAIL, PASSWORD).await;
        assert_eq!(abp.error(), format!("invalid_grant: {TO_THE_PAGE}"));
        let codemaze = login::login(&service, EMAIL, PASSWORD).await;
        assert_eq!(
            codemaze.body["errorMessage"], TO_THE_PAGE,
            "{}",
            codemaze.raw
        );
        let aidbox = service.aidbox_password(EMAIL, PASSWORD, &json!({})).await;
        assert!(aidbox.raw.contains("/auth/two-factor"), "{}", aidbox.raw);
        let auth0 = for_mfa(&service, EMAIL, PASSWORD).await;
        auth0.is_refused(
            403,
            "access_denied",
            "Please verify your email or phone number before logging in.",
        );
        assert_eq!(service.messages().len(), sent);
        // Right passwords do not count as wrong passwords.
        for _ in 0..12 {
            service.sign_in(EMAIL, PASSWORD).await;
        }
        let wrong = service.sign_in(EMAIL, demo::PASSWORD_OF_ALL).await;
        assert_eq!(
            wrong.error(),
            "invalid_grant: Invalid username or password!"
        );
    }
}
