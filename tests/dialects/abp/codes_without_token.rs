//! Codes that are verified in ABP's dialect without the login's token. Anybody may try,
//! so these guesses have a budget of their own.

use countersign_local::demo;

use crate::dialects::abp::login::{by_token, connect, is_refused, totp, verify};
use crate::dialects::abp::refusals::emailed;
use crate::harness::Service;

#[tokio::test]
async fn a_verify_without_the_token_never_lets_the_token_complete_the_login() {
    let service = Service::start().await;
    let (user, token, code) = emailed(&service).await;
    assert_eq!(
        verify(&service, &user, None, "Email", &code).await.raw,
        "true"
    );
    let sentence = "The two-factor code has not been verified.";
    is_refused(&by_token(&service, &token).await, sentence);
    let answer = connect(&service, &[("twoFactorToken", &token)]).await;
    assert_eq!(answer.error(), "invalid_grant: RequiresTwoFactor");
    let beside = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    assert_eq!(connect(&service, &beside).await.status, 200);
}

#[tokio::test]
async fn a_verify_for_nobody_or_without_a_login_is_false() {
    let service = Service::start().await;
    let nobody = "0123456789abcdef0123456789abcdef";
    assert_eq!(
        verify(&service, nobody, None, "Email", "123456").await.raw,
        "false"
    );
    let user = service.account(demo::ABP_USER).await.user.id.to_string();
    assert_eq!(
        verify(&service, &user, None, "Authenticator", &totp(&service))
            .await
            .raw,
        "false"
    );
}
