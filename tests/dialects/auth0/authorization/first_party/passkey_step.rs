//! The step `passkey` after the password.

use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use super::app::{NativeApp, add_apps, change_app};
use crate::dialects::auth0::login::passkeys::authenticator::{self, ORIGIN};
use crate::dialects::auth0::login::passkeys::second_factor::{demanding, options};
use crate::harness::Answer;

async fn show(app: &NativeApp<'_>, session: &str, response: &str) -> Answer {
    let fields = [("auth_session", session), ("authn_response", response)];
    app.step(&fields).await
}

#[tokio::test]
async fn a_passkey_is_a_step_after_the_password_too() {
    let service = authenticator::start_with(&[]).await;
    add_apps(&service).await;
    let origin = vec![ORIGIN.to_owned()];
    change_app(&service, |client| client.web_origins = origin).await;
    let app = NativeApp::new(&service);
    let mut passkey = demanding(&service).await;
    let first = app.password_of(demo::PLAIN_USER).await;
    assert_snapshot!(first.shown(), @r#"
    403 application/json no-store no-cache
    {
      "error": "insufficient_authorization",
      "error_description": "A second factor is needed.",
      "steps": ["challenge","passkey"],
      "auth_session": "[opaque]",
      "mfa_requirements": {"challenge":[{"type":"webauthn"}]}
    }
    "#);
    let session = first.text("auth_session");
    let ask = [
        ("auth_session", session.as_str()),
        ("challenge_type", "webauthn"),
    ];
    let asked = app.step(&ask).await;
    assert_eq!(asked.text("error"), "insufficient_authorization");
    assert_eq!(asked.body["steps"], json!(["passkey"]));
    assert_eq!(asked.text("challenge_type"), "webauthn");
    let wrong = passkey.sign_spoiled(options(&asked), |given| given.handle = Some(vec![7; 32]));
    let wrong = wrong.to_string();
    let refused = show(&app, &session, &wrong).await;
    refused.is_refused(400, "invalid_grant", "Invalid or expired passkey.");
    let right = passkey.sign(options(&asked)).to_string();
    let done = show(&app, &session, &right).await;
    assert_eq!(done.members(), ["authorization_code"], "{}", done.raw);
    let tokens = app.exchange(&done.text("authorization_code")).await;
    let claims = tokens.claims("access_token");
    assert_eq!(claims["acr"], "aal2");
    assert_eq!(claims["amr"], json!(["pwd", "hwk", "user", "mfa"]));
    let again = show(&app, &session, &right).await;
    assert_eq!(again.text("error"), "invalid_session", "{}", again.raw);
}
