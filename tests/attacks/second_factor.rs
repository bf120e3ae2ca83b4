//! Ways around the second factor: a reset, the mailbox of the reset, and a password
//! that must be changed.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::abp::login::password::{connect, is_refused, send, totp};
use crate::harness::Service;
use crate::harness::account::NEW_PASSWORD;

/// The administrator's password is reset by e-mail.
async fn admin_reset(service: &Service) -> String {
    let id = service.account(demo::ABP_EMAIL).await.user.id.dashed();
    let token = service.reset_token(demo::ABP_EMAIL).await;
    let done = service.reset(&id, &token, NEW_PASSWORD).await;
    assert_eq!(done.status, 204, "{}", done.raw);
    service.advance(30);
    id
}

#[tokio::test]
async fn after_a_reset_by_email_the_same_mailbox_is_no_second_factor_until_another_was_shown() {
    let service = Service::start().await;
    let id = admin_reset(&service).await;
    let begun = service.sign_in(demo::ABP_USER, NEW_PASSWORD).await;
    assert_eq!(begun.error(), "invalid_grant: RequiresTwoFactor");
    let token = begun.text("twoFactorToken");
    let path = format!("/api/account/two-factor-providers?userId={id}&token={token}");
    let listed = service.get(&path, None).await;
    assert_eq!(listed.body, json!(["Phone", "Authenticator"]));
    let sent = send(&service, &id, &token, "Email").await;
    sent.is_rest_refused(403, "The user does not have this two-factor provider.");
    // The authenticator's name in Auth0's dialect does not help either.
    let factors = service.account(demo::ABP_EMAIL).await.factors;
    let email = factors.iter().find(|one| one.rank() == 2).unwrap();
    let begun = service
        .post_form(
            "/oauth/token",
            &[
                ("grant_type", "password"),
                ("client_id", demo::CLIENT),
                ("username", demo::ABP_USER),
                ("password", NEW_PASSWORD),
            ],
        )
        .await;
    let body = json!({
        "mfa_token": begun.text("mfa_token"),
        "client_id": demo::CLIENT,
        "challenge_type": "oob",
        "authenticator_id": format!("email|dev_{}", email.id),
    });
    let challenged = service.post_json("/mfa/challenge", &body).await;
    assert_eq!(
        challenged.body["error"], "unsupported_challenge_type",
        "{}",
        challenged.raw
    );
    // The app completes a login. After that, the mailbox is a factor again.
    let code = totp(&service);
    let beside = [
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", code.as_str()),
    ];
    let tokens = service
        .sign_in_with(demo::ABP_USER, NEW_PASSWORD, &beside)
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let begun = service.sign_in(demo::ABP_USER, NEW_PASSWORD).await;
    let token = begun.text("twoFactorToken");
    assert_eq!(send(&service, &id, &token, "Email").await.status, 204);
}

#[tokio::test]
async fn a_pending_login_and_its_sent_code_end_with_a_reset() {
    let service = Service::start().await;
    let begun = connect(&service, &[]).await;
    let (id, token) = (begun.text("userId"), begun.text("twoFactorToken"));
    assert_eq!(send(&service, &id, &token, "Email").await.status, 204);
    let code = service.newest_code();
    service.advance(30);
    admin_reset(&service).await;
    let beside = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    let answer = service
        .sign_in_with(demo::ABP_USER, NEW_PASSWORD, &beside)
        .await;
    is_refused(&answer, "Invalid authenticator code!");
}

#[tokio::test]
async fn a_forced_change_of_password_comes_after_the_second_factor() {
    let service = Service::start().await;
    let forced = AttributeValue::Bool(true);
    service
        .set_profile(demo::ABP_EMAIL, "must_change_password", forced)
        .await;
    let begun = connect(&service, &[]).await;
    assert_eq!(begun.error(), "invalid_grant: RequiresTwoFactor");
    assert_eq!(begun.body.get("changePasswordToken"), None);
    // The token of the pending login is not accepted for the change.
    let pending = begun.text("twoFactorToken");
    let change = |token| {
        [
            ("ChangePasswordToken", token),
            ("NewPassword", NEW_PASSWORD),
        ]
    };
    let refused = connect(&service, &change(&pending)).await;
    is_refused(&refused, "The two-factor token is invalid.");
    let code = totp(&service);
    let beside = [
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", code.as_str()),
    ];
    let answer = connect(&service, &beside).await;
    assert_eq!(
        answer.error(),
        "invalid_grant: ShouldChangePasswordOnNextLogin"
    );
    let token = answer.text("changePasswordToken");
    // The code is consumed, so it cannot change a password again.
    let again = connect(&service, &beside).await;
    assert_eq!(
        again.error(),
        "invalid_grant: ShouldChangePasswordOnNextLogin"
    );
    // A new password may take more time than fetching tokens.
    service.advance(500);
    let tokens = connect(&service, &change(&token)).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(
        tokens.claims("access_token")["amr"],
        json!(["pwd", "otp", "mfa"])
    );
    let spent = connect(&service, &change(&token)).await;
    is_refused(&spent, "The two-factor login has expired. Sign in again.");
}
