//! A right password is never charged as a guess, whatever is refused after it.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::dialects::abp::login::password::connect;
use crate::dialects::codemaze::login::password_and_code::{login, second_step};
use crate::harness::account::NEW_PASSWORD;
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

/// More often than a name has guesses from one network in fifteen minutes.
const OFTEN: usize = 12;

async fn change(service: &Service, access: &str, current: &str, new: &str) -> Answer {
    let body = json!({ "currentPassword": current, "newPassword": new });
    let path = "/api/account/my-profile/change-password";
    service.post_as(Some(access), path, &body).await
}

#[tokio::test]
async fn a_new_password_that_is_too_common_costs_the_owner_no_guess() {
    let service = Service::start().await;
    let access = service.administrator().await.text("access_token");
    for _ in 0..OFTEN {
        let refused = change(&service, &access, demo::ABP_PASSWORD, "password1").await;
        refused.is_rest_refused(403, "This password is too common. Choose another.");
    }
    let same = change(&service, &access, demo::ABP_PASSWORD, demo::ABP_PASSWORD).await;
    assert_eq!(same.status, 403, "{}", same.raw);
    // A wrong current password is a guess.
    for _ in 0..10 {
        let wrong = change(&service, &access, "wrong", NEW_PASSWORD).await;
        assert_eq!(wrong.status, 403, "{}", wrong.raw);
    }
    let refused = change(&service, &access, demo::ABP_PASSWORD, NEW_PASSWORD).await;
    assert_snapshot!(refused.shown(), @r#"
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
    "#);
}

#[tokio::test]
async fn a_wrong_code_beside_a_right_password_costs_no_guess_at_the_password() {
    let service = Service::start().await;
    for _ in 0..OFTEN {
        let beside = [
            ("TwoFactorProvider", "Authenticator"),
            ("TwoFactorCode", "000000"),
        ];
        assert_eq!(connect(&service, &beside).await.status, 400);
        service.advance(360);
    }
    let begun = connect(&service, &[]).await;
    assert_eq!(begun.body["error_description"], "RequiresTwoFactor");
}

#[tokio::test]
async fn an_account_that_is_inactive_unconfirmed_or_must_change_costs_its_owner_no_guess() {
    let service = Service::start().await;
    let yes = || AttributeValue::Bool(true);
    for (attribute, value) in [
        ("active", AttributeValue::Bool(false)),
        ("email_confirmed", AttributeValue::Bool(false)),
        ("must_change_password", yes()),
    ] {
        let service = Service::start().await;
        service
            .set_profile(demo::PLAIN_USER, attribute, value)
            .await;
        let mut first = String::new();
        for _ in 0..OFTEN {
            let answer = login(&service, demo::PLAIN_USER, demo::PASSWORD_OF_ALL).await;
            assert_ne!(answer.status, 429, "{attribute}: {}", answer.raw);
            assert_eq!(answer.header("retry-after"), None, "{attribute}");
            first = answer.raw;
        }
        assert!(!first.is_empty());
    }
    for _ in 0..OFTEN {
        let scope = [("scope", "everything")];
        let refused = service.sign_in_with(demo::USER, "wrong", &scope).await;
        assert_eq!(refused.status, 400);
    }
    let begun = service.sign_in(demo::USER, demo::PASSWORD_OF_ALL).await;
    assert_eq!(begun.body["error_description"], "RequiresTwoFactor");
}

#[tokio::test]
async fn wrong_codes_of_codemaze_and_on_the_pages_leave_the_password_open() {
    let service = Service::start().await;
    for _ in 0..OFTEN {
        let begun = login(&service, demo::USER, demo::PASSWORD_OF_ALL).await;
        assert_eq!(begun.status, 200, "{}", begun.raw);
        second_step(&service, demo::USER, "000000").await;
        service.advance(360);
    }
    for _ in 0..OFTEN {
        let browser = Browser::new(&service);
        let asked = browser
            .password("/auth/login", demo::USER, demo::PASSWORD_OF_ALL)
            .await;
        assert_ne!(asked.status, 429, "{}", asked.raw);
    }
}
