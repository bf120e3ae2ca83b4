//! Where nobody may sign up, no call of Auth0's dialect and no page makes an account, and
//! none tells who has an account.

use countersign_local::demo;
use serde_json::json;

use crate::attacks::auth0::sign_up::seen;
use crate::dialects::auth0::accounts::sign_up::sign_up;
use crate::dialects::auth0::login::passwordless::{by_mailbox, by_session, challenge, start};
use crate::harness::Service;
use crate::harness::account::PASSWORD;
use crate::harness::browser::Browser;

const NOBODY: &str = "free@example.com";

/// A service of Auth0's dialect whose owner has said nothing about sign-up.
async fn closed() -> Service {
    let settings = [
        ("COUNTERSIGN_DIALECTS", "auth0"),
        ("COUNTERSIGN_SIGN_UP", ""),
    ];
    Service::start_with(&settings).await
}

async fn has_account(service: &Service, email: &str) -> bool {
    let items = service.items().await;
    let name = format!("NAME#{email}");
    items.iter().any(|item| item["PK"].as_s().unwrap() == &name)
}

#[tokio::test]
async fn auth0s_apps_sign_nobody_up_unless_the_setting_names_auth0() {
    let service = closed().await;
    let refused = sign_up(&service, NOBODY, &json!({})).await;
    insta::assert_snapshot!(refused.shown(), @r#"
    400 application/json no-store no-cache
    {
      "name": "BadRequestError",
      "code": "public signup is disabled",
      "description": "Public signup is disabled",
      "statusCode": 400,
      "error": "public signup is disabled",
      "error_description": "Public signup is disabled"
    }
    "#);
    let taken = sign_up(&service, demo::USER, &json!({})).await;
    assert_eq!(seen(&taken, demo::USER), seen(&refused, NOBODY));
    assert!(service.messages().is_empty());
    assert!(!has_account(&service, NOBODY).await);
    assert!(has_account(&service, demo::USER).await);
}

#[tokio::test]
async fn a_code_signs_nobody_up_where_sign_up_is_closed_and_tells_nothing() {
    let service = closed().await;
    let known = challenge(&service, demo::USER, true).await;
    assert_eq!(known.status, 200, "{}", known.raw);
    let nobody = challenge(&service, NOBODY, true).await;
    let length = |answer: &crate::harness::Answer| answer.text("auth_session").len();
    assert_eq!((nobody.status, length(&nobody)), (200, length(&known)));
    service.advance(60);
    let known = start(&service, demo::USER).await;
    let nobody = start(&service, NOBODY).await;
    assert_eq!(seen(&nobody, NOBODY), seen(&known, demo::USER));
    let to: Vec<String> = service.messages().into_iter().map(|m| m.to).collect();
    assert_eq!(to, [demo::USER, demo::USER]);
    let wrong = by_mailbox(&service, demo::PLAIN_USER, "000000").await;
    let guessed = by_mailbox(&service, NOBODY, "000000").await;
    assert_eq!(seen(&guessed, ""), seen(&wrong, ""));
    assert!(!has_account(&service, NOBODY).await);
}

#[tokio::test]
async fn a_code_that_was_sent_before_sign_up_was_closed_makes_no_account() {
    let mut service = Service::start().await;
    let asked = challenge(&service, NOBODY, true).await;
    let (session, code) = (asked.text("auth_session"), service.newest_code());
    service.take(service.restarted_with(&[("COUNTERSIGN_SIGN_UP", "none")]));
    let refused = by_session(&service, &session, &code).await;
    refused.is_refused(400, "invalid_request", "Wrong or expired code.");
    assert!(!has_account(&service, NOBODY).await);
}

#[tokio::test]
async fn the_page_signs_nobody_up_and_is_not_linked_where_sign_up_is_closed() {
    let service = closed().await;
    let browser = Browser::new(&service);
    let sign_in = browser.get("/auth/login").await;
    assert_eq!(sign_in.status, 200, "{}", sign_in.raw);
    assert!(!sign_in.raw.contains("/auth/signup"), "{}", sign_in.raw);
    let page = browser.get("/auth/signup").await;
    assert_eq!(page.status, 403, "{}", page.raw);
    // A form of another page carries the right token, and is refused too.
    let mut form = sign_in
        .form(0)
        .with("email", NOBODY)
        .with("password", PASSWORD);
    form.action = "/auth/signup".to_owned();
    let posted = browser.submit(&form).await;
    assert_eq!(posted.status, 403, "{}", posted.raw);
    assert!(!has_account(&service, NOBODY).await);
}

#[tokio::test]
async fn registration_in_the_other_dialects_is_there_by_default_and_obeys_the_setting() {
    let bodies = [
        (
            "/api/account/register",
            json!({
                "userName": "annlee", "emailAddress": NOBODY, "password": "plum tractor lighthouse",
                "appName": "app",
            }),
            403,
        ),
        (
            "/api/accounts/registration",
            json!({
                "firstName": "Ann", "lastName": "Lee", "email": NOBODY,
                "password": "plum tractor lighthouse",
                "confirmPassword": "plum tractor lighthouse",
                "clientURI": "https://localhost:8788/confirm",
            }),
            400,
        ),
    ];
    for (path, body, status) in &bodies {
        let closed = Service::start_with(&[("COUNTERSIGN_SIGN_UP", "none")]).await;
        let refused = closed.post_json(path, body).await;
        assert_eq!(refused.status, *status, "{}", refused.raw);
        assert!(!has_account(&closed, NOBODY).await);
        let unsaid = Service::start_with(&[("COUNTERSIGN_SIGN_UP", "")]).await;
        let made = unsaid.post_json(path, body).await;
        assert!(made.status < 300, "{}", made.raw);
        assert!(has_account(&unsaid, NOBODY).await);
    }
}
