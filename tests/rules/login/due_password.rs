//! A due change of the password, after an enrolment that the login demanded.

use countersign_local::demo;
use insta::assert_snapshot;

use crate::dialects::aidbox::pages::{key, recovery_codes};
use crate::harness::Service;
use crate::harness::browser::Browser;

const DUE: &str = "due@example.com";
const NEW_PASSWORD: &str = "a longer horse battery staple";

/// A service with a user who must enrol a factor and then change the password.
async fn with_due_user() -> Service {
    let service = Service::start().await;
    service
        .add_user(DUE, |account| {
            account.user.email = None;
            account.user.must_change_password = true;
        })
        .await;
    service
}

#[tokio::test]
async fn a_user_who_enrolled_in_order_to_sign_in_is_told_to_change_a_due_password() {
    let service = with_due_user().await;
    let token = service.begin_as(DUE).await;
    let seed = service.associate_app(&token).await;
    let code = service.app_code(&seed);
    let next = service.redeem_otp(&token, &code).await;
    assert_snapshot!(next.shown(), @r#"
    403 application/json no-store no-cache
    {"error":"password_change_required","error_description":"Password change required."}
    "#);
    // The login is no longer completed by its token or its code.
    let again = service.redeem_otp(&token, &code).await;
    assert_ne!(again.status, 200, "{}", again.raw);
    // The factor is confirmed, so the next login asks for its code.
    service.advance(30);
    let token = service.begin_as(DUE).await;
    let next = service.redeem_otp(&token, &service.app_code(&seed)).await;
    assert_eq!(next.text("error"), "password_change_required");
}

#[tokio::test]
async fn on_the_pages_a_due_password_is_changed_after_the_enrolment_and_the_codes_are_shown_then() {
    let service = with_due_user().await;
    let browser = Browser::new(&service);
    let led = browser
        .password("/auth/login", DUE, demo::PASSWORD_OF_ALL)
        .await;
    let page = browser.get(led.location()).await;
    let code = service.app_code(&key(&page));
    let step = browser.submit(&page.form(0).with("token", &code)).await;
    assert_snapshot!(step.page(), @r"
    303
    location: /auth/login?step=password
    sets __Host-countersign-login
    sets __Host-countersign-codes
    ");
    assert!(browser.cookie("__Host-countersign").is_none());
    let page = browser.get(step.location()).await;
    let changed = page.form(0).with("new_password", NEW_PASSWORD);
    let done = browser.submit(&changed).await;
    assert_snapshot!(done.page(), @r"
    303
    location: /auth/two-factor
    sets __Host-countersign
    removes __Host-countersign-login
    sets __Host-countersign-codes
    ");
    let settings = browser.get(done.location()).await;
    let codes = recovery_codes(&service, &settings);
    assert_eq!(codes.len(), 10, "{}", settings.raw);
    // A code that was shown signs in, with the new password.
    let other = Browser::new(&service);
    let step = other.password("/auth/login", DUE, NEW_PASSWORD).await;
    let recover = step
        .form(0)
        .with("token", &codes[0])
        .with("factor", "recovery");
    let done = other.submit(&recover).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    assert!(other.cookie("__Host-countersign").is_some());
}
