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

#[tokio::test]
async fn an_administrator_sees_the_lock_of_ten_wrong_passwords_until_it_ends_or_an_operator_ends_it()
 {
    let service = Service::start().await;
    service.registered().await;
    let bearer = service.administrator().await.text("access_token");
    let path = format!("/api/identity/users/by-email/{EMAIL}");
    let seen = async || {
        let body = service.get(&path, Some(&bearer)).await.body;
        let shown = service.operated(&["user", "show", EMAIL]).await;
        (
            body["isLockedOut"].clone(),
            body["lockoutEnd"].clone(),
            shown["locked_until"].clone(),
        )
    };
    let free = (json!(false), json!(null), json!(null));
    let locked = (
        json!(true),
        json!("2027-01-15T08:15:00+00:00"),
        json!("2027-01-15T08:15:00Z"),
    );
    for time in 1..=10 {
        assert_eq!(seen().await, free, "before guess {time}");
        service.sign_in(EMAIL, "a wrong password").await;
    }
    assert_eq!(seen().await, locked);
    // Later guesses from elsewhere leave what is shown.
    let elsewhere = [("username", EMAIL), ("password", "a wrong password")];
    let client = [("grant_type", "password"), ("client_id", demo::CLIENT)];
    let fields = [&client[..], &elsewhere[..]].concat();
    let other = "198.51.100.7".parse().unwrap();
    service
        .post_form_from(other, "/connect/token", &fields)
        .await;
    assert_eq!(seen().await, locked);
    let unlock = ["user", "unlock", EMAIL, "--reason", "called"];
    service.operated(&unlock).await;
    assert_eq!(seen().await, free);
    assert_eq!(service.sign_in(EMAIL, PASSWORD).await.status, 200);
    for _ in 0..10 {
        service.sign_in(EMAIL, "a wrong password").await;
    }
    assert_eq!(seen().await, locked);
    // The administrator's token ends before the lock does.
    service.advance(900);
    let shown = service.operated(&["user", "show", EMAIL]).await;
    assert_eq!(shown["locked_until"], json!(null));
}

#[tokio::test]
async fn the_lock_of_a_network_that_the_user_signs_in_from_is_shown_too() {
    let service = Service::start().await;
    service.registered().await;
    assert_eq!(service.sign_in(EMAIL, PASSWORD).await.status, 200);
    let shown = async || {
        let shown = service.operated(&["user", "show", EMAIL]).await;
        shown["locked_until"].clone()
    };
    for _ in 0..9 {
        service.sign_in(EMAIL, "a wrong password").await;
    }
    // The tenth is right, so nothing is locked.
    assert_eq!(service.sign_in(EMAIL, PASSWORD).await.status, 200);
    assert_eq!(shown().await, json!(null));
    for _ in 0..10 {
        service.sign_in(EMAIL, "a wrong password").await;
    }
    assert_eq!(shown().await, json!("2027-01-15T08:15:00Z"));
    let unlock = ["user", "unlock", EMAIL, "--reason", "called"];
    service.operated(&unlock).await;
    assert_eq!(shown().await, json!(null));
    assert_eq!(service.sign_in(EMAIL, PASSWORD).await.status, 200);
}
