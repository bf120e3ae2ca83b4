//! Section 6.2: the token endpoint answers `insufficient_authorization`.

use insta::assert_snapshot;

use super::app::{ASKED, NativeApp, change_app, with_apps};
use crate::harness::Answer;

async fn tokens(app: &NativeApp<'_>) -> Answer {
    let tokens = app.exchange(&app.code().await).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    app.service.advance(600);
    tokens
}

#[tokio::test]
async fn a_refresh_that_is_too_old_is_answered_with_an_auth_session_that_a_factor_completes() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let first = tokens(&app).await;
    let old = first.text("refresh_token");
    let refused = app.refresh(&old, &[("max_age", "300")]).await;
    assert_snapshot!(refused.shown(), @r#"
    403 application/json no-store no-cache
    {
      "error": "insufficient_authorization",
      "error_description": "A second factor is needed.",
      "steps": ["challenge","code"],
      "auth_session": "[opaque]",
      "mfa_requirements": {"challenge":[{"type":"otp"},{"type":"phone"},{"type":"email"},{"type":"recovery-code"}]}
    }
    "#);
    let session = refused.text("auth_session");
    let code = service.totp();
    let bare = app.otp(&session, &code).await;
    assert_eq!(bare.text("error"), "invalid_request", "{}", bare.raw);
    let mut fields = ASKED.to_vec();
    fields.extend([("auth_session", session.as_str()), ("otp", &code)]);
    let done = app.step(&fields).await;
    assert_eq!(done.members(), ["authorization_code"], "{}", done.raw);
    let young = app.exchange(&done.text("authorization_code")).await;
    assert_eq!(young.status, 200, "{}", young.raw);
    let claims = young.claims("access_token");
    assert_eq!(claims["auth_time"], service.now());
    assert_eq!(claims["sub"], first.claims("access_token")["sub"]);
}

#[tokio::test]
async fn the_code_of_a_step_up_ends_with_the_session_that_it_steps_up() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let old = tokens(&app).await.text("refresh_token");
    let refused = app.refresh(&old, &[("max_age", "300")]).await;
    let (session, code) = (refused.text("auth_session"), service.totp());
    let mut fields = ASKED.to_vec();
    fields.extend([("auth_session", session.as_str()), ("otp", &code)]);
    let code = app.step(&fields).await.text("authorization_code");
    let revoke = [("client_id", app.client), ("token", &*old)];
    assert_eq!(
        service.post_form("/oauth/revoke", &revoke).await.status,
        200
    );
    let over = app.exchange(&code).await;
    assert_eq!(over.text("error"), "invalid_grant", "{}", over.raw);
}

/// What takes the place of a session lives no longer than the session.
#[tokio::test]
async fn the_new_session_ends_when_the_old_one_would_have_ended() {
    let service = with_apps().await;
    change_app(&service, |client| {
        client.refresh_absolute_seconds = Some(3600)
    })
    .await;
    let app = NativeApp::new(&service);
    let first = tokens(&app).await;
    let refused = app
        .refresh(&first.text("refresh_token"), &[("max_age", "300")])
        .await;
    let (session, code) = (refused.text("auth_session"), service.totp());
    let mut fields = ASKED.to_vec();
    fields.extend([("auth_session", session.as_str()), ("otp", &code)]);
    let code = app.step(&fields).await.text("authorization_code");
    let young = app.exchange(&code).await;
    let refreshed = app.refresh(&young.text("refresh_token"), &[]).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
    service.advance(3000);
    let over = app.refresh(&refreshed.text("refresh_token"), &[]).await;
    assert_eq!(over.text("error"), "invalid_grant", "{}", over.raw);
}
