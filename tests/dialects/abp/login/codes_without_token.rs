//! Codes that are verified in ABP's dialect without the login's token. Anybody may try,
//! so these guesses have a budget of their own.

use countersign_local::demo;

use crate::dialects::abp::login::password::{by_token, connect, is_refused, totp, verify};
use crate::dialects::abp::login::refusals::{Emailed, emailed};
use crate::harness::Service;
use crate::harness::snapshot::alike;

#[tokio::test]
async fn a_verify_without_the_token_never_lets_the_token_complete_the_login() {
    let service = Service::start().await;
    let Emailed { user, token, code } = emailed(&service).await;
    let verified = verify(&service, &user, None, "Email", &code).await;
    insta::assert_snapshot!(verified.shown(), @r"
    200 application/json no-store no-cache
    true
    ");
    let sentence = "The two-factor code has not been verified.";
    is_refused(&by_token(&service, &token).await, sentence);
    let answer = connect(&service, &[("twoFactorToken", &token)]).await;
    insta::assert_snapshot!(answer.shown(), @r#"
    400 application/json no-store no-cache
    {
      "error": "invalid_grant",
      "error_description": "RequiresTwoFactor",
      "error_uri": "https://documentation.openiddict.com/errors/ID2024",
      "userId": "[id]",
      "twoFactorToken": "[opaque]"
    }
    "#);
    let beside = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    let completed = connect(&service, &beside).await;
    insta::assert_snapshot!(completed.shown(), @r#"
    200 application/json no-store no-cache
    {
      "access_token": "[jwt]",
      "scope": "offline_access AbpSolution1",
      "expires_in": 3600,
      "token_type": "Bearer",
      "refresh_token": "[opaque]"
    }
    "#);
}

#[tokio::test]
async fn a_verify_for_nobody_or_without_a_login_is_false() {
    let service = Service::start().await;
    let nobody = "0123456789abcdef0123456789abcdef";
    let of_nobody = verify(&service, nobody, None, "Email", "123456").await;
    let user = service.account(demo::ABP_USER).await.user.id.to_string();
    let without = verify(&service, &user, None, "Authenticator", &totp(&service)).await;
    insta::assert_snapshot!(alike(&[of_nobody, without]), @r"
    200 application/json no-store no-cache
    false
    ");
}
