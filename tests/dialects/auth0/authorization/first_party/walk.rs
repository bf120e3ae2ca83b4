//! A whole login without a browser: two calls and the token request.

use countersign_local::demo;
use insta::assert_snapshot;

use super::app::{ASKED, NativeApp, with_apps};

#[tokio::test]
async fn password_and_app_code_give_an_authorization_code_and_the_verifier_gives_tokens() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let first = app.password_of(demo::USER).await;
    assert_snapshot!(first.shown(), @r#"
    403 application/json no-store no-cache
    {
      "error": "insufficient_authorization",
      "error_description": "A second factor is needed.",
      "steps": ["challenge","code"],
      "auth_session": "[opaque]",
      "mfa_requirements": {"challenge":[{"type":"otp"},{"type":"phone"},{"type":"email"},{"type":"recovery-code"}]}
    }
    "#);
    let session = first.text("auth_session");
    let second = app.otp(&session, &service.totp()).await;
    assert_snapshot!(second.shown(), @r#"
    200 application/json no-store no-cache
    {"authorization_code":"[opaque]"}
    "#);
    let tokens = app.exchange(&second.text("authorization_code")).await;
    assert_snapshot!(tokens.shown(), @r#"
    200 application/json no-store no-cache
    {
      "access_token": "[jwt]",
      "scope": "openid offline_access",
      "expires_in": 3600,
      "token_type": "Bearer",
      "id_token": "[jwt]",
      "refresh_token": "[opaque]"
    }
    "#);
    let claims = tokens.claims("access_token");
    assert_eq!(claims["client_id"], "native");
    assert_eq!(claims["acr"], "aal2");
    let again = app.refresh(&tokens.text("refresh_token"), &[]).await;
    assert_eq!(again.status, 200, "{}", again.raw);
}

#[tokio::test]
async fn a_user_without_a_second_factor_gets_the_code_for_the_password() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let only = app.password_of(demo::PLAIN_USER).await;
    assert_eq!(only.members(), ["authorization_code"], "{}", only.raw);
    let tokens = app.exchange(&only.text("authorization_code")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(tokens.claims("access_token")["acr"], "aal1");
}

#[tokio::test]
async fn a_request_without_a_credential_names_the_first_steps() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let asked = app.step(&ASKED).await;
    assert_snapshot!(asked.shown(), @r#"
    403 application/json no-store no-cache
    {
      "error": "insufficient_authorization",
      "error_description": "Ask the user for the name and the password.",
      "steps": ["password"]
    }
    "#);
    let mut named = ASKED.to_vec();
    named.push(("username", "nobody@example.com"));
    assert_eq!(app.step(&named).await.raw, asked.raw);
}
