//! The story that causes the requests to AWS of a login without a browser.

use countersign::domain::accounts::user::Account;
use countersign::domain::factors::factor::Channel;
use countersign_local::demo;

use crate::dialects::auth0::authorization::first_party::app::{ASKED, NativeApp, add_apps};
use crate::dialects::auth0::sessions::trusted_devices::Phone;
use crate::harness::browser::Browser;
use crate::harness::deployment::cloud::Cloud;
use crate::harness::{address_factor, totp_factor};

/// All of them.
pub async fn first_party(cloud: &Cloud) {
    let service = &cloud.service;
    service.advance(86_400);
    add_apps(service).await;
    let app = NativeApp::new(service);
    for (channel, address) in [
        (Channel::Email, "native.mail@example.net"),
        (Channel::Sms, "+15555552100"),
    ] {
        service.advance(60);
        let user = format!("native.{}@example.net", channel.name());
        let factor = address_factor(channel, address, true);
        let add = |account: &mut Account| account.factors = vec![factor];
        service.add_user(&user, add).await;
        let session = app.password_of(&user).await.text("auth_session");
        let asked = [
            ("auth_session", session.as_str()),
            ("challenge_type", "oob"),
        ];
        let sent = app.step(&asked).await;
        let (oob, code) = (sent.text("oob_code"), service.newest_code());
        let shown = [
            ("auth_session", session.as_str()),
            ("oob_code", &oob),
            ("binding_code", &code),
        ];
        let done = app.step(&shown).await;
        assert_eq!(done.status, 200, "{}", done.raw);
    }
    let user = "native.app@example.net";
    let without_address = |account: &mut Account| account.user.email = None;
    service.add_user(user, without_address).await;
    let session = app.password_of(user).await.text("auth_session");
    let seed = service.associate_app(&session).await;
    let done = app.otp(&session, &service.app_code(&seed)).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    service.advance(60);
    let session = app.password_of(user).await.text("auth_session");
    let done = app.otp(&session, &service.app_code(&seed)).await;
    let tokens = app.exchange(&done.text("authorization_code")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    service.advance(60);
    let stale = app
        .refresh(&tokens.text("refresh_token"), &[("max_age", "1")])
        .await;
    assert_eq!(stale.status, 403, "{}", stale.raw);
    let mut anew = ASKED.to_vec();
    anew.extend([
        ("auth_session", session.as_str()),
        ("username", user),
        ("password", demo::PASSWORD_OF_ALL),
    ]);
    assert_eq!(app.step(&anew).await.status, 403);
    let stranger = "native.plain@example.net";
    let plain = |account: &mut Account| account.user.two_factor = false;
    service.add_user(stranger, plain).await;
    assert_eq!(app.password_of(stranger).await.status, 200);
    trust_a_device(cloud).await;
}

/// A device is remembered, and stands in for the factor.
async fn trust_a_device(cloud: &Cloud) {
    let service = &cloud.service;
    let phone = Phone {
        user: "native.device@example.net",
        ..Phone::new()
    };
    let user = service
        .add_user(phone.user, |account| account.factors.clear())
        .await;
    let app = totp_factor(&service.app, user, demo::SEED, true).await;
    service.add_factor(user, &app).await;
    phone.remember(service).await;
    assert!(phone.is_trusted(service).await);
    let browser = Browser::new(service);
    // The second time, the former value of the browser ends.
    for path in [
        "/auth/login",
        "/auth/login?client_id=web&response_type=token&acr_values=aal2",
    ] {
        service.advance(30);
        let step = browser.password(path, phone.user, demo::PASSWORD_OF_ALL);
        let form = step.await.form(0).with("token", &service.totp());
        let done = browser.submit(&form.with("remember_browser", "true")).await;
        assert_eq!(done.status, 303, "{}", done.raw);
    }
    let done = browser.password("/auth/login", phone.user, demo::PASSWORD_OF_ALL);
    assert_eq!(done.await.status, 303);
    let settings = browser.get("/auth/two-factor").await;
    browser
        .submit(&settings.form_of("Forget this browser"))
        .await;
}
