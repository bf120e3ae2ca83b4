//! A stranger registers with an address before its owner signs up. The owner's mailbox
//! has both e-mails, and only the owner's link works.

use countersign_local::demo;
use serde_json::json;
use url::Url;

use crate::attacks::unowned_accounts::{
    BY_EMAIL, for_mfa, owner_is_asked_for_nothing, owner_resets, sign_up,
};
use crate::dialects::codemaze::accounts::register as codemaze;
use crate::harness::Service;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};
use crate::harness::browser::Browser;

fn path_of(link: &Url) -> String {
    format!("{}?{}", link.path(), link.query().unwrap())
}

fn parameter(link: &Url, name: &str) -> String {
    let found = link.query_pairs().find(|(known, _)| known == name);
    found.unwrap().1.into_owned()
}

async fn asking_to_confirm() -> Service {
    Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "email")]).await
}

/// Signs up at the address of the stranger's account, 40 seconds later.
async fn owner_signs_up(service: &Service) {
    let sent = service.messages().len();
    service.advance(40);
    sign_up(&Browser::new(service), NEW_PASSWORD).await;
    assert_eq!(service.messages().len(), sent + 1);
    let newest = service.newest_link();
    assert_eq!(newest.path(), "/auth/reset", "{newest}");
}

/// The stranger's password signs nobody in, and the owner's link still resets it.
async fn falls_to_the_owner(service: &Service) {
    assert!(!service.account(EMAIL).await.user.email_confirmed);
    let stranger = Browser::new(service);
    let early = stranger.password("/auth/login", EMAIL, PASSWORD).await;
    assert_eq!(early.status, 403, "{}", early.raw);
    let reset = service.messages().into_iter().find_map(|message| {
        let line = message
            .text
            .lines()
            .find(|line| line.contains("/auth/reset?"));
        line.map(|line| Url::parse(line).unwrap())
    });
    let owner = Browser::new(service);
    let form = owner.get(&path_of(&reset.unwrap())).await.form(0);
    let reset = owner.submit(&form.with("new_password", NEW_PASSWORD)).await;
    assert_eq!(reset.status, 200, "{}", reset.raw);
    let signed_in = owner.password("/auth/login", EMAIL, NEW_PASSWORD).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.raw);
}

async fn page_is_dead(service: &Service, link: &Url) {
    let page = Browser::new(service).get(&path_of(link)).await;
    assert_eq!(page.status, 400, "{}", page.raw);
    assert!(!page.raw.contains(">Confirm<"), "{}", page.raw);
}

#[tokio::test]
async fn the_owners_sign_up_ends_the_link_of_a_stranger_who_signed_up_on_the_pages() {
    let service = Service::start().await;
    sign_up(&Browser::new(&service), PASSWORD).await;
    let link = service.newest_link();
    let owner = Browser::new(&service);
    // The owner has opened the page, and presses the button after the sign-up.
    let opened = owner.get(&path_of(&link)).await;
    owner_signs_up(&service).await;
    page_is_dead(&service, &link).await;
    let pressed = owner.submit(&opened.form_of("Confirm")).await;
    assert_eq!(pressed.status, 400, "{}", pressed.raw);
    falls_to_the_owner(&service).await;
}

#[tokio::test]
async fn the_owners_sign_up_ends_the_link_that_auth0s_login_sent_a_stranger() {
    let service = asking_to_confirm().await;
    service.registered().await;
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", EMAIL),
        ("password", PASSWORD),
    ];
    let refused = service.post_form("/oauth/token", &fields).await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
    let link = service.newest_link();
    assert_eq!(link.path(), "/auth/confirm", "{link}");
    owner_signs_up(&service).await;
    page_is_dead(&service, &link).await;
    falls_to_the_owner(&service).await;
}

#[tokio::test]
async fn the_owners_sign_up_ends_the_link_of_a_stranger_who_registered_in_abps_words() {
    let service = asking_to_confirm().await;
    let id = service.registered().await;
    let refused = service.sign_in(USER_NAME, PASSWORD).await;
    assert_eq!(refused.error(), "invalid_grant: RequiresConfirmUser");
    assert_eq!(service.ask_to_confirm_email(None, &id).await.status, 204);
    let token = parameter(&service.newest_link(), "confirmationToken");
    let good = json!({ "userId": id, "token": token });
    let verify = "/api/account/verify-email-confirmation-token";
    assert_eq!(service.post_as(None, verify, &good).await.raw, "true");
    owner_signs_up(&service).await;
    assert_eq!(service.post_as(None, verify, &good).await.raw, "false");
    let late = service.confirm_email(&id, &token).await;
    late.is_rest_refused(403, "Invalid token.");
    falls_to_the_owner(&service).await;
}

#[tokio::test]
async fn the_owners_sign_up_ends_the_link_of_a_stranger_who_registered_in_codemazes_words() {
    let service = Service::start().await;
    let made = codemaze::register(&service, EMAIL).await;
    assert_eq!(made.status, 201, "{}", made.raw);
    let token = parameter(&service.newest_link(), "token");
    owner_signs_up(&service).await;
    let late = codemaze::confirm(&service, EMAIL, &token).await;
    assert_eq!(
        (late.status, late.raw.as_str()),
        (400, "Invalid Email Confirmation Request")
    );
    falls_to_the_owner(&service).await;
}

#[tokio::test]
async fn a_link_that_the_right_password_asks_for_an_hour_after_a_sign_up_at_the_address_confirms() {
    let service = Service::start().await;
    let made = codemaze::register(&service, EMAIL).await;
    assert_eq!(made.status, 201, "{}", made.raw);
    owner_signs_up(&service).await;
    service.advance(3600);
    let browser = Browser::new(&service);
    let early = browser.password("/auth/login", EMAIL, PASSWORD).await;
    assert_eq!(early.status, 403, "{}", early.raw);
    let link = service.newest_link();
    assert_eq!(link.path(), "/auth/confirm", "{link}");
    let page = browser.get(&path_of(&link)).await;
    let confirmed = browser.submit(&page.form_of("Confirm")).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.raw);
    assert!(service.account(EMAIL).await.user.email_confirmed);
    // A later sign-up at the confirmed address ends no link.
    service.advance(40);
    sign_up(&Browser::new(&service), NEW_PASSWORD).await;
    let again = browser.submit(&page.form_of("Confirm")).await;
    assert_eq!(again.status, 200, "{}", again.raw);
}

#[tokio::test]
async fn a_sign_up_that_is_sent_twice_sends_one_mail_whose_link_confirms() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    for _ in 0..2 {
        sign_up(&browser, PASSWORD).await;
        service.advance(3);
    }
    assert_eq!(service.messages().len(), 1);
    let page = browser.get(&path_of(&service.newest_link())).await;
    let confirmed = browser.submit(&page.form_of("Confirm")).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.raw);
    assert!(service.account(EMAIL).await.user.email_confirmed);
}

#[tokio::test]
async fn a_squatter_who_changes_the_password_again_and_again_ends_no_reset_of_the_owner() {
    let service = Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "none")]).await;
    let id = service.registered().await;
    let access = service.sign_in(EMAIL, PASSWORD).await.text("access_token");
    let token = service.reset_token(EMAIL).await;
    let another = "Squatters-Next-Word-81";
    let body = json!({ "currentPassword": PASSWORD, "newPassword": another });
    let path = "/api/account/my-profile/change-password";
    let changed = service.post_as(Some(&access), path, &body).await;
    assert_eq!(changed.status, 204, "{}", changed.raw);
    let reset = service.reset(&id, &token, NEW_PASSWORD).await;
    assert_eq!(reset.status, 204, "{}", reset.raw);
    owner_is_asked_for_nothing(&service, EMAIL).await;
    assert_ne!(service.sign_in(EMAIL, another).await.status, 200);
}

#[tokio::test]
async fn what_a_squatter_had_sent_in_a_day_is_not_charged_to_the_owner_after_the_reset() {
    let service = Service::start_with(&[BY_EMAIL]).await;
    service.registered().await;
    let body =
        json!({ "email": EMAIL, "password": PASSWORD, "clientURI": "http://localhost:4200/x" });
    for at in 1..=12 {
        let network = std::net::Ipv4Addr::new(198, 51, 100, at).into();
        service
            .post_from(network, "/api/accounts/login", &body)
            .await;
        service.advance(31);
    }
    // One at the registration, and nine more that day.
    assert_eq!(service.messages().len(), 10);
    owner_resets(&service, EMAIL).await;
    let access = for_mfa(&service, EMAIL, NEW_PASSWORD)
        .await
        .text("access_token");
    let body = json!({
        "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "+15555550123",
    });
    let begun = service.associate(&access, &body).await;
    assert_eq!(begun.status, 200, "{}", begun.raw);
}

#[tokio::test]
async fn a_strangers_right_password_has_no_link_sent_after_the_owners() {
    let service = asking_to_confirm().await;
    service.registered().await;
    owner_signs_up(&service).await;
    let sent = service.messages().len();
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", EMAIL),
        ("password", PASSWORD),
    ];
    for _ in 0..3 {
        service.advance(600);
        let refused = service.post_form("/oauth/token", &fields).await;
        assert_eq!(refused.status, 403, "{}", refused.raw);
    }
    assert_eq!(service.messages().len(), sent);
    falls_to_the_owner(&service).await;
}

#[tokio::test]
async fn who_asks_for_a_link_in_the_hour_after_the_owners_is_told_to_wait() {
    let service = asking_to_confirm().await;
    let id = service.registered().await;
    service.sign_in(USER_NAME, PASSWORD).await;
    owner_signs_up(&service).await;
    service.advance(60);
    let asked = service.ask_to_confirm_email(None, &id).await;
    assert_eq!(asked.status, 429, "{}", asked.raw);
    assert_eq!(asked.number_header("retry-after"), 3540);
    let browser = Browser::new(&service);
    let page = browser.password("/auth/login", EMAIL, PASSWORD).await;
    let again = browser.submit(&page.form_of("Send another link")).await;
    assert!(again.status < 500, "{}: {}", again.status, again.raw);
}
