//! Six-digit codes that wrong codes have closed, and the owner who opens them with a
//! new password.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::id::UserId;
use countersign::domain::login::throttle::Guesser;
use countersign::domain::refusal::Refusal;
use countersign::failure::Failure;
use countersign::store::CodeGuess;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::codemaze::login::password_and_code as login;
use crate::harness::Service;
use crate::harness::account::NEW_PASSWORD;
use crate::races::logins::another_code;

/// Six hours later, all budgets are full again.
const LATER: i64 = 6 * 3600;

async fn count(service: &Service, guesser: Guesser) -> Result<(), Failure> {
    let store = &service.app.store;
    store
        .count_attempt(guesser, CodeGuess::SixDigits, service.now())
        .await
}

fn guessers(user: UserId) -> [Guesser; 3] {
    [
        Guesser::User(user),
        Guesser::Stranger(user),
        Guesser::Near(user),
    ]
}

/// Sends a hundred wrong codes in a row.
async fn close(service: &Service, user: UserId) {
    for guesser in guessers(user) {
        for guess in 0..100 {
            if guess % 10 == 0 {
                service.advance(LATER);
            }
            count(service, guesser).await.unwrap();
        }
    }
    service.advance(LATER);
    for guesser in guessers(user) {
        assert!(is_closed(service, guesser).await, "{guesser:?}");
    }
}

async fn is_closed(service: &Service, guesser: Guesser) -> bool {
    matches!(
        count(service, guesser).await,
        Err(Failure::Refused(Refusal::CodesClosed))
    )
}

/// The `mfa_token` that this password of the demo user gives.
async fn begin_with(service: &Service, password: &str) -> String {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::USER),
        ("password", password),
    ];
    let begun = service.post_form("/oauth/token", &fields).await;
    begun.text("mfa_token")
}

async fn reset(service: &Service, email: &str, user: UserId, password: &str) {
    service.advance(LATER);
    let token = service.reset_token(email).await;
    let done = service.reset(&user.to_string(), &token, password).await;
    assert_eq!(done.status, 204, "{}", done.raw);
}

#[tokio::test]
async fn an_owner_without_recovery_codes_opens_closed_codes_by_a_reset_and_signs_in() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    let key = ("PK", AttributeValue::S(format!("USER#{user}")));
    let recovery = AttributeValue::S("PROFILE#RECOVERY".to_owned());
    let store = &service.app.store;
    let delete = store.dynamodb().delete_item().table_name(store.table());
    let deleted = delete.key(key.0, key.1).key("SK", recovery).send().await;
    deleted.unwrap();
    close(&service, user).await;
    reset(&service, demo::USER, user, NEW_PASSWORD).await;
    let token = begin_with(&service, NEW_PASSWORD).await;
    let done = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn a_reset_opens_every_guessers_codes_once_until_a_login_completes() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    close(&service, user).await;
    reset(&service, demo::USER, user, NEW_PASSWORD).await;
    for guesser in guessers(user) {
        assert!(!is_closed(&service, guesser).await, "{guesser:?}");
    }
    // A person who reads the mailbox has a hundred more guesses, but not a hundred with
    // each reset.
    service.advance(LATER);
    for guesser in guessers(user) {
        for guess in 1..100 {
            if guess % 9 == 0 {
                service.advance(LATER);
            }
            count(&service, guesser).await.unwrap();
        }
    }
    let second = "eight grey herons at noon";
    reset(&service, demo::USER, user, second).await;
    for guesser in guessers(user) {
        assert!(is_closed(&service, guesser).await, "{guesser:?}");
    }
    // A login by a recovery code completes; then a reset opens again.
    let token = begin_with(&service, second).await;
    let done = service.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    assert!(is_closed(&service, Guesser::Stranger(user)).await);
    reset(&service, demo::USER, user, NEW_PASSWORD).await;
    assert!(!is_closed(&service, Guesser::Stranger(user)).await);
}

#[tokio::test]
async fn a_reset_leaves_the_rate_of_codes_as_it_is() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    service.advance(LATER);
    let token = service.reset_token(demo::USER).await;
    for guesser in guessers(user) {
        for _ in 0..10 {
            count(&service, guesser).await.unwrap();
        }
    }
    let id = user.to_string();
    let done = service.reset(&id, &token, NEW_PASSWORD).await;
    assert_eq!(done.status, 204, "{}", done.raw);
    for guesser in guessers(user) {
        let counted = count(&service, guesser).await;
        assert!(
            matches!(
                counted,
                Err(Failure::Refused(Refusal::CodesExhausted { .. }))
            ),
            "{guesser:?}: {counted:?}"
        );
    }
}

#[tokio::test]
async fn a_change_of_the_password_opens_every_guessers_codes() {
    let service = Service::start().await;
    let tokens = service.administrator().await;
    let user = service.account(demo::ABP_USER).await.user.id;
    for guesser in guessers(user) {
        for guess in 0..99 {
            if guess % 9 == 0 {
                service.advance(60 * 60);
            }
            count(&service, guesser).await.unwrap();
        }
        count(&service, guesser).await.unwrap();
        assert!(is_closed(&service, guesser).await);
    }
    let refreshed = {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", demo::ABP_CLIENT),
            ("refresh_token", &tokens.text("refresh_token")),
        ];
        service.post_form("/connect/token", &fields).await
    };
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
    let body = json!({ "currentPassword": demo::ABP_PASSWORD, "newPassword": NEW_PASSWORD });
    let path = "/api/account/my-profile/change-password";
    let access = refreshed.text("access_token");
    let changed = service.post_as(Some(&access), path, &body).await;
    assert_eq!(changed.status, 204, "{}", changed.raw);
    service.advance(LATER);
    for guesser in guessers(user) {
        assert!(!is_closed(&service, guesser).await, "{guesser:?}");
    }
}

#[tokio::test]
async fn a_change_that_is_forced_at_the_login_opens_every_guessers_codes() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    let must = AttributeValue::Bool(true);
    service
        .set_profile(demo::USER, "must_change_password", must)
        .await;
    for guesser in [Guesser::Stranger(user), Guesser::Near(user)] {
        for guess in 0..100 {
            if guess % 10 == 0 {
                service.advance(LATER);
            }
            count(&service, guesser).await.unwrap();
        }
        service.advance(LATER);
        assert!(is_closed(&service, guesser).await);
    }
    let beside = [
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", &service.totp()),
    ];
    let asked = service
        .sign_in_with(demo::USER, demo::PASSWORD_OF_ALL, &beside)
        .await;
    let token = asked.text("changePasswordToken");
    let beside = [
        ("ChangePasswordToken", token.as_str()),
        ("NewPassword", NEW_PASSWORD),
    ];
    let done = service
        .sign_in_with(demo::USER, demo::PASSWORD_OF_ALL, &beside)
        .await;
    assert_eq!(done.status, 200, "{}", done.raw);
    for guesser in guessers(user) {
        assert!(!is_closed(&service, guesser).await, "{guesser:?}");
    }
    assert!(!service.account(demo::USER).await.user.codes_opened);
}

#[tokio::test]
async fn a_reset_opens_the_second_step_that_strangers_have_closed() {
    let service = Service::start().await;
    service
        .delete_factor(
            demo::USER,
            countersign::domain::factors::factor::Method::Totp,
        )
        .await;
    for _ in 0..10 {
        service.advance(3600);
        login::begin(&service).await;
        let wrong = another_code(&service.newest_code());
        for _ in 0..10 {
            login::second_step(&service, demo::USER, &wrong).await;
        }
    }
    service.advance(3600);
    let code = login::begin(&service).await;
    let closed = login::second_step(&service, demo::USER, &code).await;
    assert_eq!(closed.status, 429, "{}", closed.raw);
    service.advance(3600);
    let id = service.account(demo::USER).await.user.id.dashed();
    let token = service.reset_token(demo::USER).await;
    assert_eq!(service.reset(&id, &token, NEW_PASSWORD).await.status, 204);
    let rows = service.items().await.into_iter().filter(|item| {
        let who = item["PK"].as_s().unwrap();
        who.starts_with("BUDGET#codes#")
    });
    let rows: Vec<String> = rows
        .map(|item| item["wrong_in_a_row"].as_n().unwrap().clone())
        .collect();
    assert!(
        !rows.is_empty() && rows.iter().all(|row| row == "0"),
        "{rows:?}"
    );
}
