//! Where a login sends a code, and in which order it offers the factors, once
//! messages came back.

use countersign::domain::accounts::user::Account;
use countersign_local::demo;
use serde_json::json;

use crate::harness::Service;
use crate::harness::browser::Browser;
use crate::rules::messages::delivery_events::{
    bounce, came_back, failed_text, log_lines, send, text_message,
};

/// The kinds of the demo user's factors, in the order in which a login lists
/// them.
pub async fn order(service: &Service) -> Vec<String> {
    let token = service.begin().await;
    let listed = service.listed(&token).await.into_iter();
    let factors = listed.filter(|(kind, _)| kind != "recovery-code");
    factors.map(|(kind, _)| kind).collect()
}

#[tokio::test]
async fn a_number_whose_text_messages_fail_for_good_is_marked_and_offered_last() {
    let service = Service::start().await;
    assert_eq!(order(&service).await, ["totp", "sms", "email"]);
    send(&service, "sms").await;
    let event = failed_text("Phone has blocked SMS", service.now() + 5);
    assert_eq!(service.reports(&event).await, 1);
    assert_eq!(order(&service).await, ["totp", "email", "sms"]);
    assert_eq!(
        came_back(&service, demo::USER).await,
        json!([{ "to": demo::PHONE, "kind": "bounced", "at": "2027-01-15T08:00:05Z" }])
    );
}

#[tokio::test]
async fn a_code_that_may_go_anywhere_does_not_go_to_a_marked_destination() {
    let service = Service::start().await;
    send(&service, "sms").await;
    service.advance(31);
    for (event, to) in [
        (None, demo::PHONE),
        (
            Some(failed_text("Invalid phone number", service.now())),
            demo::USER,
        ),
    ] {
        if let Some(event) = event {
            assert_eq!(service.reports(&event).await, 1);
        }
        let body = json!({
            "mfa_token": service.begin().await,
            "client_id": demo::CLIENT,
            "challenge_type": "oob",
        });
        let sent = service.post_json("/mfa/challenge", &body).await;
        assert_eq!(sent.status, 200, "{}", sent.raw);
        assert_eq!(service.messages().first().unwrap().to, to);
        service.advance(31);
    }
}

#[tokio::test]
async fn our_page_offers_a_marked_destination_last_and_says_so() {
    let service = Service::start_with(&[("COUNTERSIGN_DIALECTS", "auth0,aidbox")]).await;
    send(&service, "sms").await;
    service
        .reports(&failed_text("Invalid phone number", service.now()))
        .await;
    let browser = Browser::new(&service);
    let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
    let page = browser.password("/auth/login", user, password).await;
    let email = page.raw.find("Send a code by e-mail to u***@example.com<");
    let sms = "Send a code by SMS to the number that ends in 0100 (messages there may not arrive)";
    assert!(email.is_some(), "{}", page.raw);
    assert!(email < page.raw.find(sms), "{}", page.raw);
}

#[tokio::test]
async fn a_user_without_a_factor_gets_the_first_code_where_messages_arrive() {
    let service = Service::start_with(&[("COUNTERSIGN_MFA_POLICY", "required")]).await;
    let name = "ann@example.com";
    let change = |account: &mut Account| {
        account.user.email_confirmed = true;
        account.user.phone = Some("+15555550166".to_owned());
        account.user.phone_confirmed = true;
    };
    service.add_user(name, change).await;
    let challenge = async || {
        let token = service.password_as(name).await.text("mfa_token");
        let body = json!({
            "mfa_token": token,
            "client_id": demo::CLIENT,
            "challenge_type": "oob",
        });
        let sent = service.post_json("/mfa/challenge", &body).await;
        assert_eq!(sent.status, 200, "{}", sent.raw);
        service.advance(31);
        service.messages().first().unwrap().to.clone()
    };
    assert_eq!(challenge().await, "+15555550166");
    assert_eq!(
        service
            .reports(&bounce("Permanent", name, service.now()))
            .await,
        1
    );
    assert_eq!(challenge().await, "+15555550166");
    let number = text_message("FAILURE", "+15555550166", "Invalid phone number");
    assert_eq!(
        service
            .reports(&log_lines(&[number], service.now() + 5))
            .await,
        1
    );
    service.operated(&["sends", "open", name]).await;
    assert_eq!(challenge().await, name);
}
