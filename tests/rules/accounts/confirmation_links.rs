//! A user can always ask for the link that confirms the address. In every dialect, a
//! user who is refused as unconfirmed gets the link for the right password alone.

use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::attacks::unowned_accounts::{BY_EMAIL, for_mfa};
use crate::dialects::codemaze::login::password_and_code as login;
use crate::faults::aws::others_behind_proxy;
use crate::harness::Service;
use crate::harness::account::{EMAIL, PASSWORD};
use crate::harness::browser::Browser;
use crate::harness::proxy::Fault;

const SES: &str = "/v2/email/outbound-emails";

#[tokio::test]
async fn who_is_refused_as_unconfirmed_gets_the_link_again_in_every_dialect() {
    let service = Service::start_with(&[BY_EMAIL]).await;
    let id = service.registered().await;
    let links = |service: &Service| service.messages().len();

    let auth0 = for_mfa(&service, EMAIL, PASSWORD).await;
    assert_eq!(
        (auth0.status, auth0.text("error")),
        (403, "access_denied".to_owned())
    );
    assert_eq!(links(&service), 1);

    service.advance(3600);
    let abp = service.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(abp.error(), "invalid_grant: RequiresConfirmUser");
    assert_eq!(
        links(&service),
        1,
        "its app asks for the link by a call of its own"
    );
    assert_eq!(service.ask_to_confirm_email(None, &id).await.status, 204);
    assert_eq!(links(&service), 2);

    service.advance(3600);
    let codemaze = login::login(&service, EMAIL, PASSWORD).await;
    assert_eq!(codemaze.body["errorMessage"], "Email is not confirmed");
    assert_eq!(links(&service), 3);

    service.advance(3600);
    let aidbox = service.aidbox_password(EMAIL, PASSWORD, &json!({})).await;
    aidbox.is_refused(400, "invalid_grant", "User is not confirmed");
    assert_eq!(links(&service), 4);

    service.advance(3600);
    let browser = Browser::new(&service);
    let page = browser.password("/auth/login", EMAIL, PASSWORD).await;
    assert_eq!(page.status, 403, "{}", page.raw);
    assert_eq!(links(&service), 5);
    // No link is sent within half a minute, and none for a wrong password.
    for_mfa(&service, EMAIL, PASSWORD).await;
    service.advance(31);
    for_mfa(&service, EMAIL, "wrong password").await;
    assert_eq!(links(&service), 5);
    let link = service.newest_link();
    let page = browser
        .get(&format!("{}?{}", link.path(), link.query().unwrap()))
        .await;
    browser.submit(&page.form_of("Confirm")).await;
    assert_eq!(for_mfa(&service, EMAIL, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn the_link_of_auth0s_words_leads_to_a_page_that_every_deployment_has() {
    let mut service = Service::start().await;
    service.registered().await;
    service.take(service.restarted_with(&[("COUNTERSIGN_DIALECTS", "auth0"), BY_EMAIL]));
    for_mfa(&service, EMAIL, PASSWORD).await;
    let link = service.newest_link();
    let browser = Browser::new(&service);
    let page = browser
        .get(&format!("{}?{}", link.path(), link.query().unwrap()))
        .await;
    assert_eq!(page.status, 200, "{}", page.raw);
    let done = browser.submit(&page.form_of("Confirm")).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    assert_eq!(for_mfa(&service, EMAIL, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn two_factor_on_with_no_factor_and_nothing_confirmed_ends_at_a_link_in_every_dialect() {
    for policy in ["none", "email"] {
        let service = Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", policy)]).await;
        let id = service
            .add_user(EMAIL, |account| account.user.email_confirmed = false)
            .await;
        let password = demo::PASSWORD_OF_ALL;
        let auth0 = for_mfa(&service, EMAIL, password).await;
        assert_eq!(auth0.text("error"), "access_denied", "{}", auth0.raw);
        assert_eq!(service.messages().len(), 1);
        service.advance(31);
        let codemaze = login::login(&service, EMAIL, password).await;
        assert_eq!(codemaze.body["errorMessage"], "Email is not confirmed");
        assert_eq!(service.messages().len(), 2);
        service.advance(31);
        let abp = service.sign_in(EMAIL, password).await;
        assert_eq!(abp.error(), "invalid_grant: RequiresConfirmUser");
        let asked = service.ask_to_confirm_email(None, &id.dashed()).await;
        assert_eq!(asked.status, 204, "{}", asked.raw);
        let token = service.link_parameter("confirmationToken");
        assert_eq!(
            service.confirm_email(&id.dashed(), &token).await.status,
            204
        );
        service.advance(31);
        let begun = login::login(&service, EMAIL, password).await;
        assert_eq!(
            begun.body["is2StepVerificationRequired"], true,
            "{}",
            begun.raw
        );
        let done = login::second_step(&service, EMAIL, &service.newest_code()).await;
        assert_eq!(done.status, 200, "{}", done.raw);
    }
}

#[tokio::test]
async fn a_page_says_that_a_link_was_sent_only_where_one_was() {
    let (service, proxy) = others_behind_proxy().await;
    service.registered().await;
    let browser = Browser::new(&service);
    let first = browser.password("/auth/login", EMAIL, PASSWORD).await;
    assert_snapshot!(first.page(), @r"
    403 Confirm your address - Countersign Demo
    Countersign Demo
    Confirm your address
    Please confirm your e-mail address first. We have sent you a link for that.
    form /auth/confirm
    [csrf]
    [user=[id]]
    [send=true]
    Send another link
    Sign in
    ");
    service.advance(31);
    proxy.always(SES, Fault::ServerError);
    let other = Browser::new(&service);
    let failed = other.password("/auth/login", EMAIL, PASSWORD).await;
    assert_snapshot!(failed.page(), @r"
    403 Confirm your address - Countersign Demo
    Countersign Demo
    Confirm your address
    Please confirm your e-mail address first. No link could be sent just now.
    form /auth/confirm
    [csrf]
    [user=[id]]
    [send=true]
    Send another link
    Sign in
    ");
    let mut said = Vec::new();
    for path in ["/auth/forgot", "/auth/signup"] {
        let form = other.get(path).await.form(0).with("email", EMAIL);
        let form = form.with("password", PASSWORD);
        said.push(other.submit(&form).await.page());
    }
    assert_snapshot!(said.join("\n\n"), @r"
    200 Look into your mailbox - Countersign Demo
    Countersign Demo
    Look into your mailbox
    If there is an account with this address, it gets a link. If no mail comes, wait an hour and ask again.
    Sign in

    200 Look into your mailbox - Countersign Demo
    Countersign Demo
    Look into your mailbox
    If this address has no account yet, it has one now, and gets a link that confirms it. If it has one, it gets a link to a new password instead. If no mail comes, wait an hour and sign up again.
    Sign in
    ");
}

#[tokio::test]
async fn another_link_that_is_asked_for_too_late_leads_to_the_sign_in() {
    let service = Service::start_with(&[BY_EMAIL]).await;
    service.registered().await;
    let browser = Browser::new(&service);
    let page = browser.password("/auth/login", EMAIL, PASSWORD).await;
    service.advance(601);
    let late = browser.submit(&page.form_of("Send another link")).await;
    assert_snapshot!(late.page(), @r"
    400 This link has ended - Countersign Demo
    Countersign Demo
    This link has ended
    Please sign in again. Then we send you another link.
    Sign in
    ");
    assert!(late.raw.contains("href=\"/auth/login\""), "{}", late.raw);
}
