//! A user with two confirmed mailboxes is told of every change at both. A thief who reads
//! one mailbox deletes the notice there.

use countersign::domain::factors::factor::{Channel, Method};
use countersign_local::demo;
use serde_json::json;

use crate::harness::account::NEW_PASSWORD;
use crate::harness::{Answer, Service, address_factor, totp_factor};

const OWN: &str = "owner@example.com";
const SPARE: &str = "spare@example.net";

/// A user with an authenticator app, a confirmed address, a spare mailbox as a factor,
/// and a mailbox that was never confirmed.
async fn owner(service: &Service) -> String {
    let id = service
        .add_user(OWN, |account| account.user.email_confirmed = true)
        .await;
    let app = totp_factor(&service.app, id, demo::SEED, true).await;
    service.add_factor(id, &app).await;
    for (to, confirmed) in [(SPARE, true), ("never@example.net", false)] {
        let mailbox = address_factor(Channel::Email, to, confirmed);
        service.add_factor(id, &mailbox).await;
    }
    id.dashed()
}

/// Whom the messages since the last call went to.
fn told(service: &Service, seen: &mut usize) -> Vec<String> {
    let messages = service.messages();
    let new = messages.len() - *seen;
    *seen = messages.len();
    let mut told: Vec<String> = messages[..new].iter().map(|one| one.to.clone()).collect();
    told.sort();
    told
}

async fn strong(service: &Service) -> Answer {
    let begun = service
        .password_for_mfa(OWN, "enroll remove:authenticators read:authenticators")
        .await;
    let token = begun.text("mfa_token");
    let answer = service.redeem_otp(&token, &service.totp()).await;
    service.advance(30);
    assert_eq!(answer.status, 200, "{}", answer.raw);
    answer
}

#[tokio::test]
async fn a_change_is_told_to_every_confirmed_mailbox() {
    let service = Service::start().await;
    let id = owner(&service).await;
    let mut seen = 0;
    let both = [OWN, SPARE];
    let bearer = strong(&service).await.text("access_token");
    // A factor is added.
    let body = json!({ "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "+15555552345" });
    let begun = service.associate(&bearer, &body).await;
    let code = service.newest_code();
    told(&service, &mut seen);
    let done = service
        .redeem_oob(&bearer, &begun.text("oob_code"), &code)
        .await;
    assert_eq!(done.status, 200, "{}", done.raw);
    assert_eq!(told(&service, &mut seen), both, "a factor was added");
    // A factor is removed.
    let account = service.account(OWN).await;
    let phone = account
        .factors
        .iter()
        .find(|factor| factor.method() == Method::Sms);
    let phone = format!("sms|dev_{}", phone.unwrap().id);
    let bearer = strong(&service).await.text("access_token");
    let gone = service.remove(&bearer, &phone).await;
    assert_eq!(gone.status, 204, "{}", gone.raw);
    assert_eq!(told(&service, &mut seen), both, "a factor was removed");
    // The password is reset. The link itself goes to the address that asks.
    let token = service.reset_token(OWN).await;
    assert_eq!(told(&service, &mut seen), [OWN]);
    let reset = service.reset(&id, &token, NEW_PASSWORD).await;
    assert_eq!(reset.status, 204, "{}", reset.raw);
    assert_eq!(told(&service, &mut seen), both, "the password was reset");
}
