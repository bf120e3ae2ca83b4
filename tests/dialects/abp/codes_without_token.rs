//! Codes that are verified in ABP's words without the login's token: anybody
//! may try, so they have a budget of their own and give no more than they show.

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
async fn strangers_who_verify_without_a_token_do_not_drain_the_users_budget() {
    let service = Service::start().await;
    let (user, token, code) = emailed(&service).await;
    for _ in 0..10 {
        assert_eq!(
            verify(&service, &user, None, "Email", "000000").await.raw,
            "false"
        );
    }
    // The answer of a wrong code, because another answer would tell strangers
    // that the user is signing in.
    let drained = verify(&service, &user, None, "Email", &code).await;
    assert_eq!((drained.status, &*drained.raw), (200, "false"));
    assert_eq!(
        verify(&service, &user, Some(&token), "Email", &code)
            .await
            .raw,
        "true"
    );
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

#[tokio::test]
async fn a_hundred_wrong_codes_without_a_token_close_that_way_until_a_recovery_code_opens_it() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id.to_string();
    let begun = async || {
        let fields = [
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("username", demo::USER),
            ("password", demo::PASSWORD_OF_ALL),
        ];
        service
            .post_form("/connect/token", &fields)
            .await
            .text("twoFactorToken")
    };
    for _ in 0..100 {
        service.advance(360);
        begun().await;
        let wrong = verify(&service, &user, None, "Authenticator", "000000").await;
        assert_eq!(wrong.raw, "false");
    }
    service.advance(30 * 86_400);
    let token = begun().await;
    let right = service.totp();
    let closed = verify(&service, &user, None, "Authenticator", &right).await;
    assert_eq!((closed.status, &*closed.raw), (200, "false"));
    let opened = service.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    assert_eq!(opened.status, 200, "{}", opened.raw);
    begun().await;
    let open = verify(&service, &user, None, "Authenticator", &right).await;
    assert_eq!(open.raw, "true");
}
