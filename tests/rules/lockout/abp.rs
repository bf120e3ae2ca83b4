//! Lockouts in ABP's dialect: wrong codes without the login's token, wrong passwords at
//! a password change, and what a reset opens.

use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::dialects::abp::login::password::verify;
use crate::dialects::abp::login::refusals::{Emailed, emailed};
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};
use crate::harness::{Service, alike, in_turn};

#[tokio::test]
async fn strangers_who_verify_without_a_token_do_not_drain_the_users_budget() {
    let service = Service::start().await;
    let Emailed { user, token, code } = emailed(&service).await;
    for _ in 0..10 {
        assert_eq!(
            verify(&service, &user, None, "Email", "000000").await.raw,
            "false"
        );
    }
    // The answer is that of a wrong code, because another answer would tell strangers
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

#[tokio::test]
async fn a_reset_opens_what_wrong_passwords_had_locked() {
    let service = Service::start().await;
    let id = service.registered().await;
    let mut locked = Vec::new();
    for name in [USER_NAME, EMAIL] {
        for _ in 0..10 {
            service.sign_in(name, "a wrong password").await;
        }
        locked.push(service.sign_in(name, PASSWORD).await);
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
    let token = service.reset_token(EMAIL).await;
    assert_eq!(service.reset(&id, &token, NEW_PASSWORD).await.status, 204);
    for name in [USER_NAME, EMAIL] {
        assert_eq!(
            service.sign_in(name, NEW_PASSWORD).await.status,
            200,
            "{name}"
        );
    }
}

#[tokio::test]
async fn guesses_at_the_present_password_are_charged_like_those_of_a_login() {
    let service = Service::start().await;
    service.registered().await;
    let bearer = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    let body = json!({ "currentPassword": "a wrong password", "newPassword": NEW_PASSWORD });
    let path = "/api/account/my-profile/change-password";
    for _ in 0..10 {
        let wrong = service.post_as(Some(&bearer), path, &body).await;
        wrong.is_rest_refused(403, "Incorrect password.");
    }
    let body = json!({ "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD });
    let locked = service.post_as(Some(&bearer), path, &body).await;
    let login = service.sign_in(USER_NAME, PASSWORD).await;
    assert_snapshot!(in_turn(&[locked, login]), @r#"
    403 application/json no-store no-cache
    _abperrorformat: true
    retry-after: 900
    {
      "error": {
        "code": null,
        "message": "The user account has been locked out due to invalid login attempts. Please wait a while and try again.",
        "details": null,
        "data": null,
        "validationErrors": null
      }
    }

    400 application/json no-store no-cache
    retry-after: 900
    {
      "error": "invalid_grant",
      "error_description": "The user account has been locked out due to invalid login attempts. Please wait a while and try again.",
      "error_uri": "https://documentation.openiddict.com/errors/ID2024"
    }
    "#);
}
