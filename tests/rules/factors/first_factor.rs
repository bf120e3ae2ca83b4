//! The first factor. If there is a confirmed address, the password alone enrols no
//! factor. A user who must show a factor can get one in every dialect.

use countersign_local::demo;
use serde_json::json;

use crate::dialects::abp::login::password::send;
use crate::dialects::auth0::factors::enrolment::notices;
use crate::dialects::codemaze::login::password_and_code as login;
use crate::harness::browser::Browser;
use crate::harness::enrolment::MFA_SCOPES;
use crate::harness::{Answer, Service};

const REQUIRED: (&str, &str) = ("COUNTERSIGN_MFA_POLICY", "required");
const AAL2: (&str, &str) = ("COUNTERSIGN_AAL_POLICY", "aal2");
const TO_THE_PAGE: &str =
    "Set up an authenticator app first, on the page /auth/two-factor of the sign-in service.";

async fn mfa_token(service: &Service) -> String {
    let begun = service.password_for_mfa(demo::PLAIN_USER, MFA_SCOPES).await;
    assert_eq!(begun.text("error"), "mfa_required", "{}", begun.raw);
    begun.text("mfa_token")
}

/// Answers the challenge of the address with the code that was sent there.
async fn show_address(service: &Service, token: &str) -> Answer {
    let challenged = service.challenge(token, "email").await;
    assert_eq!(challenged.status, 200, "{}", challenged.raw);
    assert_eq!(service.messages()[0].to, demo::PLAIN_USER);
    let code = service.newest_code();
    service
        .redeem_oob(token, &challenged.text("oob_code"), &code)
        .await
}

async fn has_no_factor(service: &Service) {
    let account = service.account(demo::PLAIN_USER).await;
    assert!(account.active_factors().next().is_none());
}

#[tokio::test]
async fn auth0s_user_without_a_factor_is_challenged_at_the_confirmed_address_which_becomes_one() {
    let service = Service::start_with(&[REQUIRED]).await;
    let begun = service.password_for_mfa(demo::PLAIN_USER, MFA_SCOPES).await;
    assert_eq!(
        begun.body["mfa_requirements"],
        json!({ "challenge": [{ "type": "email" }] })
    );
    let token = begun.text("mfa_token");
    let listed = service.get("/mfa/authenticators", Some(&token)).await;
    assert_eq!(listed.body[0]["active"], true, "{}", listed.raw);
    let id = listed.body[0]["id"].as_str().unwrap().to_owned();
    let body = json!({
        "mfa_token": token, "client_id": demo::CLIENT, "challenge_type": "oob",
        "authenticator_id": id,
    });
    let challenged = service.post_json("/mfa/challenge", &body).await;
    assert_eq!(challenged.status, 200, "{}", challenged.raw);
    has_no_factor(&service).await;
    let code = service.newest_code();
    let done = service
        .redeem_oob(&token, &challenged.text("oob_code"), &code)
        .await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let account = service.account(demo::PLAIN_USER).await;
    assert_eq!(account.active_factors().count(), 1);
    assert_eq!(id, format!("email|dev_{}", account.factors[0].id));
    assert!(
        account.recovery.is_none(),
        "no answer had a place for a recovery code"
    );
    assert_eq!(notices(&service).len(), 1);
    // The session may add an app, and then gets the recovery code.
    let access = done.text("access_token");
    let app = service
        .associate(&access, &json!({ "authenticator_types": ["otp"] }))
        .await;
    assert_eq!(app.status, 200, "{}", app.raw);
    assert!(app.body["recovery_codes"].is_array(), "{}", app.raw);
}

#[tokio::test]
async fn a_thief_with_the_password_alone_enrols_nothing_where_an_address_could_have_been_asked() {
    for changes in [&[REQUIRED][..], &[REQUIRED, AAL2]] {
        let service = Service::start_with(changes).await;
        let token = mfa_token(&service).await;
        for body in [
            json!({ "authenticator_types": ["otp"] }),
            json!({ "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "+15555550123" }),
        ] {
            let refused = service.associate(&token, &body).await;
            refused.is_refused(403, "access_denied", "User is already enrolled");
        }
        let browser = Browser::new(&service);
        let page = browser
            .password("/auth/login", demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
            .await;
        assert_eq!(page.status, 200, "the code is asked for: {}", page.raw);
        let early = browser.get("/auth/two-factor/enable").await;
        assert_eq!(early.location(), "/auth/login");
        has_no_factor(&service).await;
    }
    // The token of a pending login in ABP's dialect cannot enrol either.
    let service = Service::start_with(&[REQUIRED]).await;
    let begun = service
        .sign_in(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    let token = begun.text("twoFactorToken");
    let refused = service
        .associate(&token, &json!({ "authenticator_types": ["otp"] }))
        .await;
    refused.is_refused(403, "access_denied", "User is already enrolled");
}

#[tokio::test]
async fn where_every_login_must_be_aal2_auth0s_user_shows_the_address_and_then_enrols_an_app() {
    let service = Service::start_with(&[REQUIRED, AAL2]).await;
    let token = mfa_token(&service).await;
    let shown = show_address(&service, &token).await;
    assert_eq!(shown.text("error"), "association_required", "{}", shown.raw);
    has_no_factor(&service).await;
    let seed = service.associate_app(&token).await;
    let done = service.redeem_otp(&token, &service.app_code(&seed)).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn where_every_login_must_be_aal2_a_user_whose_only_factor_is_e_mail_enrols_an_app() {
    let mut service = Service::start_with(&[REQUIRED]).await;
    let token = mfa_token(&service).await;
    assert_eq!(show_address(&service, &token).await.status, 200);
    service.take(service.restarted_with(&[AAL2]));
    service.advance(31);
    let token = mfa_token(&service).await;
    let shown = show_address(&service, &token).await;
    assert_eq!(shown.text("error"), "association_required", "{}", shown.raw);
    let seed = service.associate_app(&token).await;
    let done = service.redeem_otp(&token, &service.app_code(&seed)).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn a_code_that_showed_the_address_for_one_login_shows_it_for_no_other() {
    let mut service = Service::start_with(&[REQUIRED]).await;
    let token = mfa_token(&service).await;
    assert_eq!(show_address(&service, &token).await.status, 200);
    service.take(service.restarted_with(&[AAL2]));
    service.advance(31);
    let owner = mfa_token(&service).await;
    let sent = service.challenge(&owner, "email").await;
    let code = service.newest_code();
    // At most half a minute later, a thief with the password sees the code.
    let thief = mfa_token(&service).await;
    let adopted = service.challenge(&thief, "email").await;
    assert_eq!(adopted.status, 200, "{}", adopted.raw);
    let shown = service
        .redeem_oob(&owner, &sent.text("oob_code"), &code)
        .await;
    assert_eq!(shown.text("error"), "association_required", "{}", shown.raw);
    let again = service
        .redeem_oob(&thief, &adopted.text("oob_code"), &code)
        .await;
    assert_ne!(again.body["error"], "association_required", "{}", again.raw);
    let body = json!({ "authenticator_types": ["otp"] });
    let refused = service.associate(&thief, &body).await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
    let seed = service.associate_app(&owner).await;
    let done = service.redeem_otp(&owner, &service.app_code(&seed)).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

/// The page that apps without a screen for a first factor point to.
async fn set_up_on_the_page(service: &Service) -> String {
    let browser = Browser::new(service);
    let page = browser
        .password("/auth/login", demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    let sent = browser.submit(&page.form_of("by e-mail")).await;
    let form = sent.form(0).with("token", &service.newest_code());
    let led = browser.submit(&form).await;
    assert_eq!(led.status, 303, "{}", led.raw);
    let page = browser.get(led.location()).await;
    let seed = crate::dialects::aidbox::pages::key(&page);
    let form = page.form(0).with("token", &service.app_code(&seed));
    let done = browser.submit(&form).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    assert_eq!(browser.get("/auth/two-factor").await.status, 200);
    service.advance(30);
    seed
}

#[tokio::test]
async fn where_every_login_must_be_aal2_abps_user_is_led_to_the_page_and_then_signs_in() {
    let service = Service::start_with(&[REQUIRED, AAL2]).await;
    let told = service
        .sign_in(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    assert_eq!(told.error(), format!("invalid_grant: {TO_THE_PAGE}"));
    let seed = set_up_on_the_page(&service).await;
    let code = service.app_code(&seed);
    let beside = [
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", code.as_str()),
    ];
    let done = service
        .sign_in_with(demo::PLAIN_USER, demo::PASSWORD_OF_ALL, &beside)
        .await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn where_every_login_must_be_aal2_codemazes_user_is_led_to_the_page_and_signs_in_by_the_app()
{
    let service = Service::start_with(&[REQUIRED, AAL2]).await;
    let told = login::login(&service, demo::PLAIN_USER, demo::PASSWORD_OF_ALL).await;
    assert_eq!(told.body["errorMessage"], TO_THE_PAGE, "{}", told.raw);
    let seed = set_up_on_the_page(&service).await;
    let begun = login::login(&service, demo::PLAIN_USER, demo::PASSWORD_OF_ALL).await;
    assert_eq!(begun.body["provider"], "Authenticator", "{}", begun.raw);
    let wrong = json!({
        "email": demo::PLAIN_USER, "provider": "Authenticator", "token": "000000",
    });
    let path = "/api/accounts/twostepverification";
    let refused = service.post_json(path, &wrong).await;
    assert_eq!(refused.raw, "Invalid Token Verification");
    let right = json!({
        "email": demo::PLAIN_USER, "provider": "Authenticator",
        "token": service.app_code(&seed),
    });
    let done = service.post_json(path, &right).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let again = service.post_json(path, &right).await;
    assert_eq!(again.status, 400, "{}", again.raw);
}

#[tokio::test]
async fn where_every_login_must_be_aal2_aidboxs_user_is_led_to_the_page_and_then_signs_in() {
    let service = Service::start_with(&[REQUIRED, AAL2]).await;
    let told = service.aidbox_login(demo::PLAIN_USER, None).await;
    let page = "2FA has to be enabled first, on the page /auth/two-factor";
    told.is_refused(400, "invalid_grant", page);
    let seed = set_up_on_the_page(&service).await;
    let code = service.app_code(&seed);
    let done = service.aidbox_login(demo::PLAIN_USER, Some(&code)).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn aidboxs_forced_user_gets_a_code_at_the_confirmed_address_and_signs_in_by_it() {
    let service = Service::start_with(&[REQUIRED]).await;
    let asked = service.aidbox_login(demo::PLAIN_USER, None).await;
    asked.is_refused(400, "invalid_grant", "2FA token is required");
    assert_eq!(service.messages()[0].to, demo::PLAIN_USER);
    let code = service.newest_code();
    let done = service.aidbox_login(demo::PLAIN_USER, Some(&code)).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let account = service.account(demo::PLAIN_USER).await;
    assert_eq!(account.active_factors().count(), 1);
}

#[tokio::test]
async fn a_user_of_the_pages_shows_the_address_before_an_app_is_set_up() {
    let service = Service::start_with(&[REQUIRED]).await;
    set_up_on_the_page(&service).await;
    let account = service.account(demo::PLAIN_USER).await;
    assert!(account.default_totp().is_some());
    assert_eq!(account.active_factors().count(), 1);
}

#[tokio::test]
async fn the_code_that_shows_an_address_gives_no_tokens_whatever_is_sent_with_it() {
    let service = Service::start_with(&[REQUIRED, AAL2]).await;
    let token = mfa_token(&service).await;
    let challenged = service.challenge(&token, "email").await;
    let code = service.newest_code();
    let body = json!({ "mfa_token": token, "client_id": demo::CLIENT, "code": code });
    service.post_json("/mfa/verify", &body).await;
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("mfa_token", &*token),
    ];
    let with_password = service.post_form("/oauth/token", &fields).await;
    assert_ne!(with_password.status, 200, "{}", with_password.raw);
    let oob = challenged.text("oob_code");
    let with_code = service.redeem_oob(&token, &oob, &code).await;
    assert_ne!(with_code.status, 200, "{}", with_code.raw);
    has_no_factor(&service).await;
}

#[tokio::test]
async fn a_first_factor_on_the_pages_ends_the_session_that_the_browser_had() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let thief = Browser::new(&service);
    thief.cookies.replace(browser.cookies.borrow().clone());
    service
        .add_user("nomail", |account| account.user.email = None)
        .await;
    let led = browser
        .password("/auth/login", "nomail", demo::PASSWORD_OF_ALL)
        .await;
    let page = browser.get(led.location()).await;
    let code = service.app_code(&crate::dialects::aidbox::pages::key(&page));
    let done = browser.submit(&page.form(0).with("token", &code)).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    assert_eq!(
        thief.get("/auth/two-factor").await.location(),
        "/auth/login"
    );
}

#[tokio::test]
async fn abps_user_may_have_the_code_sent_again_and_another_provider_is_refused() {
    let service = Service::start_with(&[REQUIRED]).await;
    let begun = service
        .sign_in(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    let (user, token) = (begun.text("userId"), begun.text("twoFactorToken"));
    assert_eq!(send(&service, &user, &token, "Email").await.status, 204);
    let phone = send(&service, &user, &token, "Phone").await;
    assert_eq!(phone.status, 403, "{}", phone.raw);
    service.advance(31);
    assert_eq!(send(&service, &user, &token, "Email").await.status, 204);
    let code = service.newest_code();
    let beside = [("TwoFactorProvider", "Email"), ("TwoFactorCode", &*code)];
    let done = service
        .sign_in_with(demo::PLAIN_USER, demo::PASSWORD_OF_ALL, &beside)
        .await;
    assert_eq!(done.status, 200, "{}", done.raw);
}
