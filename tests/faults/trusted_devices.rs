//! Trusted devices while no message goes out.

use countersign::domain::factors::factor::Channel;
use countersign_local::demo;

use crate::dialects::aidbox::pages::trusted_browsers::{is_trusted, remember};
use crate::dialects::auth0::sessions::trusted_devices::{ON, Phone};
use crate::harness::browser::Browser;
use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Service, address_factor};

const USERS: usize = 50;

#[tokio::test]
async fn fifty_users_with_trusted_devices_sign_in_while_sends_fail() {
    let proxy = Proxy::start().await;
    let service = Service::start_through(&ON, |dynamodb, others| (dynamodb, proxy.before(others)));
    let service = service.await;
    let mut phones = Vec::new();
    for number in 0..USERS {
        let email: &'static str = format!("user{number}@example.com").leak();
        let factor = |account: &mut countersign::domain::accounts::user::Account| {
            account
                .factors
                .push(address_factor(Channel::Email, email, true));
        };
        service.add_user(email, factor).await;
        let phone = Phone {
            user: email,
            ..Phone::new()
        };
        let needed = phone.sign_in(&service).await.text("mfa_token");
        let sent = service.challenge(&needed, "email").await.text("oob_code");
        let code = service.newest_code();
        let fields = [
            ("grant_type", "http://auth0.com/oauth/grant-type/mfa-oob"),
            ("client_id", demo::CLIENT),
            ("mfa_token", &needed),
            ("oob_code", &sent),
            ("binding_code", &code),
            ("remember_device", "true"),
        ];
        let done = service.token_of(&phone.holder, &fields).await;
        assert_eq!(done.status, 200, "{}", done.raw);
        phones.push(phone);
    }
    proxy.always("/v2/email/outbound-emails", Fault::ServerError);
    service.advance(60);
    let stranded = Phone {
        user: "user0@example.com",
        ..Phone::new()
    };
    let needed = stranded.sign_in(&service).await.text("mfa_token");
    assert_eq!(service.challenge(&needed, "email").await.status, 503);
    // The notice of a new device does not come, and the login goes on.
    Phone::new().remember(&service).await;
    for phone in &phones {
        assert!(phone.is_trusted(&service).await, "{}", phone.user);
    }
}

#[tokio::test]
async fn a_remembered_browser_signs_in_and_another_is_remembered_while_sends_fail() {
    let proxy = Proxy::start().await;
    let service = Service::start_through(&ON, |dynamodb, others| (dynamodb, proxy.before(others)));
    let service = service.await;
    let browser = Browser::new(&service);
    remember(&browser).await;
    proxy.always("/v2/email/outbound-emails", Fault::ServerError);
    assert!(is_trusted(&browser).await);
    // The notice of the other browser does not come, and the sign-in goes on.
    let other = Browser::new(&service);
    remember(&other).await;
    assert!(is_trusted(&other).await);
}
