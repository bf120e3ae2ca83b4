//! One user's story in CodeMaze's dialect. Where that has no call (the app, recovery
//! codes), the story uses ABP's and Auth0's dialects.

use countersign_local::demo;
use insta::{allow_duplicates, assert_snapshot};
use serde_json::json;

use crate::dialects::codemaze::accounts::register::{
    confirm, is_done, register, reset, reset_token, with_app,
};
use crate::dialects::codemaze::login::password_and_code::{claims, login, second_step};
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD};
use crate::harness::{Answer, Service, in_turn};

/// Tokens in ABP's dialect, by a code of the app.
async fn with_app_code(service: &Service, password: &str, seed: &str) -> Answer {
    let code = service.app_code(seed);
    let beside = [
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", code.as_str()),
    ];
    service.sign_in_with(EMAIL, password, &beside).await
}

/// Enrols a new app for the user of this access token. Gives its seed and the recovery
/// codes.
async fn enrol_app(service: &Service, bearer: &str) -> (String, Vec<String>) {
    let info = "/api/account/authenticator-info";
    let key = service.get(info, Some(bearer)).await.text("key");
    let code = json!({ "code": service.app_code(&key) });
    let verify = "/api/account/verify-authenticator-code";
    let on = service.bearer_json(verify, bearer, &code).await;
    assert_eq!(on.status, 200, "{}", on.raw);
    let codes = on.body["recoveryCodes"].as_array().unwrap().iter();
    let codes: Vec<String> = codes
        .map(|code| code.as_str().unwrap().to_owned())
        .collect();
    for code in &codes {
        service.watch_secret(code);
    }
    (key, codes)
}

async fn code_by_mail(service: &Service, password: &str) -> Answer {
    let begun = login(service, EMAIL, password).await;
    allow_duplicates! {
        assert_snapshot!(begun.shown(), @r#"
        200 application/json no-store no-cache
        {
          "isAuthSuccessful": false,
          "errorMessage": null,
          "token": null,
          "is2StepVerificationRequired": true,
          "provider": "Email"
        }
        "#);
    }
    second_step(service, EMAIL, &service.newest_code()).await
}

#[tokio::test]
async fn from_registration_to_a_reset_the_second_factor_is_asked_for_and_old_sessions_end() {
    let mut service = with_app().await;
    // Register, confirm, log in.
    is_done(&register(&service, EMAIL).await, 201);
    let early = login(&service, EMAIL, PASSWORD).await;
    assert_snapshot!(early.shown(), @r#"
    401 application/json no-store no-cache
    {
      "isAuthSuccessful": false,
      "errorMessage": "Email is not confirmed",
      "token": null,
      "is2StepVerificationRequired": false,
      "provider": null
    }
    "#);
    let token = service.link_parameter("token");
    is_done(&confirm(&service, EMAIL, &token).await, 200);
    let first = login(&service, EMAIL, PASSWORD).await;
    assert_snapshot!(first.shown(), @r#"
    200 application/json no-store no-cache
    {
      "isAuthSuccessful": true,
      "errorMessage": null,
      "token": "[jwt]",
      "is2StepVerificationRequired": false,
      "provider": null
    }
    "#);
    // Turn the second factor on with the mailbox, and log in with it.
    let bearer = service.sign_in(EMAIL, PASSWORD).await.text("access_token");
    let on = "/api/account/my-profile/set-two-factor-enabled?enabled=true";
    let done = service.bearer_json(on, &bearer, &json!({})).await;
    assert_eq!(done.status, 204, "{}", done.raw);
    service.advance(30);
    let tokens = code_by_mail(&service, PASSWORD).await;
    assert_eq!(
        claims(&tokens.text("token"))["amr"],
        json!(["pwd", "otp", "mfa"])
    );
    // Enrol an app with a session that has shown the mailbox.
    service.advance(30);
    let begun = service.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(begun.error(), "invalid_grant: RequiresTwoFactor");
    let (user, token) = (begun.text("userId"), begun.text("twoFactorToken"));
    crate::dialects::abp::login::password::send(&service, &user, &token, "Email").await;
    let code = service.newest_code();
    let shown = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    let tokens = service.sign_in_with(EMAIL, PASSWORD, &shown).await;
    let (_, recovery) = enrol_app(&service, &tokens.text("access_token")).await;
    // Besides the app, the mailbox is offered only if the policy allows it.
    service.take(service.restarted_with(&[("COUNTERSIGN_AAL_POLICY", "prefer-aal2")]));
    let told = login(&service, EMAIL, PASSWORD).await;
    assert_snapshot!(told.shown(), @r#"
    200 application/json no-store no-cache
    {
      "isAuthSuccessful": false,
      "errorMessage": null,
      "token": null,
      "is2StepVerificationRequired": true,
      "provider": "Authenticator"
    }
    "#);
    service.take(service.restarted_with(&[("COUNTERSIGN_AAL_POLICY", "aal1")]));
    service.advance(30);
    assert_eq!(code_by_mail(&service, PASSWORD).await.status, 200);
    // The app is lost: a recovery code works once, and a new app replaces the old one.
    let by_code = [("RecoveryCode", recovery[0].as_str())];
    let tokens = service.sign_in_with(EMAIL, PASSWORD, &by_code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let again = service.sign_in_with(EMAIL, PASSWORD, &by_code).await;
    assert_eq!(again.error(), "invalid_grant: Invalid recovery code!");
    let bearer = tokens.text("access_token");
    let removed = "/api/account/reset-authenticator";
    assert_eq!(
        service
            .bearer_json(removed, &bearer, &json!({}))
            .await
            .status,
        204
    );
    let (seed, _) = enrol_app(&service, &bearer).await;
    service.advance(30);
    let session = with_app_code(&service, PASSWORD, &seed).await;
    assert_eq!(session.status, 200, "{}", session.raw);
    // Reset the password: a code that was just sent, and every session, end.
    service.advance(30);
    login(&service, EMAIL, PASSWORD).await;
    let pending = service.newest_code();
    let token = reset_token(&service, EMAIL).await;
    is_done(&reset(&service, EMAIL, &token, NEW_PASSWORD).await, 200);
    let late = second_step(&service, EMAIL, &pending).await;
    let old = service.sign_in(EMAIL, PASSWORD).await;
    assert_snapshot!(in_turn(&[late, old]), @r#"
    400 text/plain; charset=utf-8 no-store no-cache
    Invalid Token Verification

    400 application/json no-store no-cache
    {
      "error": "invalid_grant",
      "error_description": "Invalid username or password!",
      "error_uri": "https://documentation.openiddict.com/errors/ID2024"
    }
    "#);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::ABP_CLIENT),
        ("refresh_token", &session.text("refresh_token")),
    ];
    let ended = service.post_form("/connect/token", &fields).await;
    assert_snapshot!(ended.shown(), @r#"
    400 application/json no-store no-cache
    {
      "error": "invalid_grant",
      "error_description": "The token is no longer valid.",
      "error_uri": "https://documentation.openiddict.com/errors/ID2024"
    }
    "#);
    let bearer = session.text("access_token");
    let profile = service.get("/api/account/my-profile", Some(&bearer)).await;
    assert_snapshot!(profile.shown(), @r#"
    401 application/json no-store no-cache
    _abperrorformat: true
    www-authenticate: Bearer error="invalid_token"
    {
      "error": {"code":null,"message":"The specified token is invalid.","details":null,"data":null,"validationErrors":null}
    }
    "#);
    // The second factor is still required, and the mailbox of the reset does not count.
    service.advance(30);
    let told = login(&service, EMAIL, NEW_PASSWORD).await;
    assert_snapshot!(told.shown(), @r#"
    200 application/json no-store no-cache
    {
      "isAuthSuccessful": false,
      "errorMessage": null,
      "token": null,
      "is2StepVerificationRequired": true,
      "provider": "Authenticator"
    }
    "#);
    let begun = service.sign_in(EMAIL, NEW_PASSWORD).await;
    assert_eq!(begun.error(), "invalid_grant: RequiresTwoFactor");
    let tokens = with_app_code(&service, NEW_PASSWORD, &seed).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    service.advance(30);
    assert_eq!(code_by_mail(&service, NEW_PASSWORD).await.status, 200);
}
