//! `redirect_to_web`: only a browser can go on.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::secret::Secret;
use countersign::usecase::authorization::authenticate_client::client_secret_hash;
use countersign_local::demo;
use insta::assert_snapshot;

use super::app::{ASKED, NATIVE, NativeApp, add_apps, change_app, with_apps};
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

/// A service whose plain user has to change the password first.
async fn with_due_password() -> Service {
    let service = with_apps().await;
    let due = AttributeValue::Bool(true);
    service
        .set_profile(demo::PLAIN_USER, "must_change_password", due)
        .await;
    service
}

async fn password(app: &NativeApp<'_>, asked: &[(&str, &str)]) -> Answer {
    let mut fields = asked.to_vec();
    fields.extend([
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
    ]);
    app.step(&fields).await
}

/// Section 5.2.2.1.1: with a challenge, the answer may have a `request_uri`.
#[tokio::test]
async fn a_due_password_leads_to_the_pages_by_a_request_uri() {
    let service = with_due_password().await;
    let app = NativeApp::new(&service);
    let refused = password(&app, &ASKED).await;
    assert_snapshot!(refused.shown(), @r#"
    403 application/json no-store no-cache
    {
      "error": "redirect_to_web",
      "error_description": "Go on in a browser.",
      "request_uri": "urn:ietf:params:oauth:request_uri:1.[opaque]",
      "expires_in": 60
    }
    "#);
    let uri = refused.text("request_uri");
    let text: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", app.client)
        .append_pair("request_uri", &uri)
        .finish();
    let browser = Browser::new(&service);
    let page = browser.get(&format!("/authorize?{text}")).await;
    assert_eq!(page.status, 303, "{}", page.raw);
    assert!(page.location().starts_with("/auth/login?"));
    assert!(!page.location().contains(demo::PASSWORD_OF_ALL));
}

/// Section 5.2.2.1.1: without a challenge, the answer MUST NOT have a `request_uri`. The
/// client has a secret, because a public client without a challenge gets no further.
#[tokio::test]
async fn without_a_challenge_there_is_no_request_uri() {
    let service = with_due_password().await;
    let hash = client_secret_hash(NATIVE, &Secret::new("s3cret"));
    change_app(&service, |client| client.secret_hashes = vec![hash]).await;
    let app = NativeApp::new(&service);
    let asked = [("response_type", "code"), ("client_secret", "s3cret")];
    let refused = password(&app, &asked).await;
    assert_snapshot!(refused.shown(), @r#"
    403 application/json no-store no-cache
    {"error":"redirect_to_web","error_description":"Go on in a browser."}
    "#);
}

#[tokio::test]
async fn an_unconfirmed_address_is_sent_its_link_and_the_app_is_told() {
    let service = Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "email")]).await;
    add_apps(&service).await;
    let app = NativeApp::new(&service);
    let unconfirmed = AttributeValue::Bool(false);
    service
        .set_profile(demo::PLAIN_USER, "email_confirmed", unconfirmed)
        .await;
    let refused = password(&app, &ASKED).await;
    assert_snapshot!(refused.shown(), @r#"
    403 application/json no-store no-cache
    {"error":"access_denied","error_description":"Please verify your email or phone number before logging in."}
    "#);
    assert_eq!(service.messages().len(), 1);
}
