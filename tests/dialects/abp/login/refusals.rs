//! Refusals in ABP's dialect: every error of a login, and every forbidden way to
//! complete one.

use countersign::domain::authorization::client::Client;
use countersign_local::demo;
use insta::assert_snapshot;

use crate::dialects::abp::login::password::{
    begin, by_token, connect, is_refused, send, totp, verify,
};
use crate::harness::{Answer, Service, alike};

const CODE: &str = "Invalid authenticator code!";

const EXPIRED: &str = "The two-factor login has expired. Sign in again.";

const FORGED: &str = "The two-factor token is invalid.";

/// The answer for an exhausted budget.
pub const LOCKED: &str = "The user account has been locked out due to invalid login attempts. \
    Please wait a while and try again.";

/// `/connect/token` with another password.
async fn wrong_password(service: &Service, name: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("username", name),
        ("password", "not the password"),
    ];
    service.post_form("/connect/token", &fields).await
}

/// A new login with a code by e-mail.
pub struct Emailed {
    /// The identifier of the user.
    pub user: String,
    pub token: String,
    pub code: String,
}

/// Begins a login, and has a code sent by e-mail.
pub async fn emailed(service: &Service) -> Emailed {
    let (user, token) = begin(service).await;
    let sent = send(service, &user, &token, "Email").await;
    assert_eq!(sent.status, 204, "{}", sent.raw);
    let code = service.newest_code();
    Emailed { user, token, code }
}

/// Another public client with the same rights.
async fn other_client(service: &Service) {
    let model = service
        .app
        .store
        .read_client(demo::ABP_CLIENT)
        .await
        .unwrap()
        .unwrap();
    let other = Client {
        id: "other-app".to_owned(),
        ..model
    };
    service.app.store.put_client(&other).await.unwrap();
}

#[tokio::test]
async fn unknown_and_wrong_are_told_alike_and_lock_out_in_abps_sentence() {
    let service = Service::start().await;
    let mut locked = Vec::new();
    for name in ["admin", "nobody"] {
        for _ in 0..10 {
            let answer = wrong_password(&service, name).await;
            is_refused(&answer, "Invalid username or password!");
        }
        locked.push(wrong_password(&service, name).await);
    }
    assert_snapshot!(alike(&locked), @r#"
    400 application/json no-store no-cache
    retry-after: 900
    {
      "error": "invalid_grant",
      "error_description": "The user account has been locked out due to invalid login attempts. Please wait a while and try again.",
      "error_uri": "https://documentation.openiddict.com/errors/ID2024"
    }
    "#);
}

#[tokio::test]
async fn an_exhausted_code_budget_is_told_as_a_lockout_everywhere() {
    let service = Service::start().await;
    let (user, token) = begin(&service).await;
    for _ in 0..10 {
        let beside = [
            ("TwoFactorProvider", "Authenticator"),
            ("TwoFactorCode", "000000"),
        ];
        is_refused(&connect(&service, &beside).await, CODE);
    }
    let code = totp(&service);
    let beside = [
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", code.as_str()),
    ];
    let locked = connect(&service, &beside).await;
    is_refused(&locked, LOCKED);
    assert_eq!(locked.number_header("retry-after"), 360);
    let rest = verify(&service, &user, Some(&token), "Authenticator", &code).await;
    assert_snapshot!(rest.shown(), @r#"
    403 application/json no-store no-cache
    _abperrorformat: true
    retry-after: 360
    {
      "error": {
        "code": null,
        "message": "The user account has been locked out due to invalid login attempts. Please wait a while and try again.",
        "details": null,
        "data": null,
        "validationErrors": null
      }
    }
    "#);
}

#[tokio::test]
async fn a_wrong_recovery_code_is_told_and_counted() {
    let service = Service::start().await;
    for _ in 0..10 {
        let beside = [
            ("RecoveryCode", "ABCDEFGHIJKLMNOPQRSTUVWX"),
            ("TwoFactorCode", "123456"),
        ];
        is_refused(&connect(&service, &beside).await, "Invalid recovery code!");
    }
    is_refused(
        &connect(&service, &[("RecoveryCode", "ABCDEFGHIJKLMNOPQRSTUVWX")]).await,
        LOCKED,
    );
}

#[tokio::test]
async fn a_code_without_a_provider_or_for_one_that_is_none_is_wrong() {
    let service = Service::start().await;
    let code = totp(&service);
    is_refused(&connect(&service, &[("TwoFactorCode", &code)]).await, CODE);
    let beside = [
        ("TwoFactorProvider", "Push"),
        ("TwoFactorCode", code.as_str()),
    ];
    is_refused(&connect(&service, &beside).await, CODE);
    let beside = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    is_refused(&connect(&service, &beside).await, CODE);
}

#[tokio::test]
async fn a_code_is_good_for_its_own_provider_only() {
    let service = Service::start().await;
    let Emailed { user, token, code } = emailed(&service).await;
    for provider in ["Phone", "Authenticator"] {
        let verified = verify(&service, &user, Some(&token), provider, &code).await;
        assert_eq!(verified.raw, "false");
        let beside = [
            ("TwoFactorProvider", provider),
            ("TwoFactorCode", code.as_str()),
        ];
        is_refused(&connect(&service, &beside).await, CODE);
    }
    assert_eq!(
        verify(&service, &user, Some(&token), "Email", &code)
            .await
            .raw,
        "true"
    );
    let beside = [
        ("TwoFactorProvider", "Phone"),
        ("TwoFactorCode", code.as_str()),
    ];
    is_refused(&connect(&service, &beside).await, CODE);
}

#[tokio::test]
async fn a_verified_login_is_over_after_two_minutes() {
    let service = Service::start().await;
    let Emailed { user, token, code } = emailed(&service).await;
    verify(&service, &user, Some(&token), "Email", &code).await;
    service.advance(120);
    is_refused(&by_token(&service, &token).await, EXPIRED);
    let beside = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    is_refused(&connect(&service, &beside).await, CODE);
}

#[tokio::test]
async fn a_login_that_was_not_verified_does_not_complete_by_its_token() {
    let service = Service::start().await;
    let token = emailed(&service).await.token;
    let sentence = "The two-factor code has not been verified.";
    is_refused(&by_token(&service, &token).await, sentence);
    let answer = connect(&service, &[("twoFactorToken", &token)]).await;
    assert_eq!(answer.error(), "invalid_grant: RequiresTwoFactor");
    is_refused(&by_token(&service, "forged").await, FORGED);
}

#[tokio::test]
async fn another_client_does_not_complete_a_login() {
    let service = Service::start().await;
    other_client(&service).await;
    let Emailed { user, token, code } = emailed(&service).await;
    verify(&service, &user, Some(&token), "Email", &code).await;
    let by_other = async |beside: &[(&str, &str)]| {
        let mut fields = vec![("grant_type", "password"), ("client_id", "other-app")];
        fields.extend_from_slice(beside);
        service.post_form("/connect/token", &fields).await
    };
    is_refused(&by_other(&[("twoFactorToken", &token)]).await, FORGED);
    let password = [
        ("username", demo::ABP_USER),
        ("password", demo::ABP_PASSWORD),
    ];
    let code_beside = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    is_refused(&by_other(&[password, code_beside].concat()).await, CODE);
    assert_eq!(by_token(&service, &token).await.status, 200);
}

#[tokio::test]
async fn a_token_is_good_for_its_own_user_only() {
    let service = Service::start().await;
    let Emailed { user, token, code } = emailed(&service).await;
    let stranger = service.account(demo::USER).await.user.id.to_string();
    let path = format!("/api/account/two-factor-providers?userId={stranger}&token={token}");
    let answer = service.get(&path, None).await;
    assert_snapshot!(answer.shown(), @r#"
    403 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {"code":null,"message":"The two-factor token is invalid.","details":null,"data":null,"validationErrors":null}
    }
    "#);
    assert_eq!(send(&service, &stranger, &token, "Phone").await.status, 403);
    assert_eq!(
        verify(&service, &stranger, Some(&token), "Email", &code)
            .await
            .raw,
        "false"
    );
    verify(&service, &user, Some(&token), "Email", &code).await;
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("twoFactorToken", token.as_str()),
    ];
    is_refused(&service.post_form("/connect/token", &fields).await, FORGED);
}

#[tokio::test]
async fn a_code_of_one_login_does_not_verify_another() {
    let service = Service::start().await;
    let Emailed { user, code, .. } = emailed(&service).await;
    let (_, later) = begin(&service).await;
    assert_eq!(
        verify(&service, &user, Some(&later), "Email", &code)
            .await
            .raw,
        "false"
    );
}

#[tokio::test]
async fn a_code_without_a_token_is_tried_against_the_two_newest_logins() {
    let service = Service::start().await;
    let code = emailed(&service).await.code;
    let beside = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    // Only logins that a code was sent for count, so other logins displace none of
    // them.
    for _ in 0..3 {
        service.advance(1);
        begin(&service).await;
    }
    assert_eq!(connect(&service, &beside).await.status, 200);

    service.advance(30);
    let code = emailed(&service).await.code;
    let beside = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    for _ in 0..2 {
        service.advance(30);
        emailed(&service).await;
    }
    is_refused(&connect(&service, &beside).await, CODE);
}

#[tokio::test]
async fn a_verified_login_is_found_however_many_began_since() {
    let service = Service::start().await;
    let Emailed { user, token, code } = emailed(&service).await;
    verify(&service, &user, Some(&token), "Email", &code).await;
    for _ in 0..3 {
        service.advance(1);
        begin(&service).await;
    }
    let beside = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    assert_eq!(connect(&service, &beside).await.status, 200);
}
