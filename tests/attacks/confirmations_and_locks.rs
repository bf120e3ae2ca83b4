//! Ways around a confirmation, a factor or a lock that an attacker looked for.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::codemaze::login;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};
use crate::harness::{Service, totp_factor};
use crate::races::logins::another_code;

const OTHER_PHONE: &str = "+15555550666";

#[tokio::test]
async fn a_second_factor_does_not_stand_for_the_address_that_codemazes_token_names() {
    let service = Service::start().await;
    service.registered().await;
    let unconfirmed = login::login(&service, EMAIL, PASSWORD).await;
    assert_eq!(unconfirmed.body["errorMessage"], "Email is not confirmed");
    // An operator brought the user an app all the same.
    let user = service.account(EMAIL).await.user.id;
    let app = totp_factor(&service.app, user, demo::SEED, true).await;
    service.add_factor(user, &app).await;
    let on = AttributeValue::Bool(true);
    service.set_profile(EMAIL, "two_factor", on).await;
    let still = login::login(&service, EMAIL, PASSWORD).await;
    assert_eq!(still.status, 401, "{}", still.raw);
    assert_eq!(still.body["errorMessage"], "Email is not confirmed");
    assert!(service.messages().iter().all(|one| one.code.is_none()));
}

#[tokio::test]
async fn whoever_would_only_now_enrol_a_factor_confirms_the_address_first() {
    let mut service = Service::start().await;
    service.registered().await;
    service.take(service.restarted_with(&[
        ("COUNTERSIGN_MFA_POLICY", "required"),
        ("COUNTERSIGN_CONFIRMATION_REQUIRED", "email"),
    ]));
    let answer = service.sign_in(USER_NAME, PASSWORD).await;
    assert_eq!(answer.error(), "invalid_grant: RequiresConfirmUser");
}

#[tokio::test]
async fn another_phone_is_stored_by_a_recent_session_with_the_strongest_factor_only() {
    let service = Service::start().await;
    let id = service.registered_owner().await;
    let bearer = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    let path = "/api/account/send-phone-number-confirmation-token";
    let body = json!({ "userId": id, "phoneNumber": OTHER_PHONE });
    service.advance(600);
    let old = service.post_as(Some(&bearer), path, &body).await;
    assert!([401, 403].contains(&old.status), "{}", old.raw);
    assert!(service.messages().is_empty());
    let bearer = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    let recent = service.post_as(Some(&bearer), path, &body).await;
    assert_eq!(recent.status, 204, "{}", recent.raw);
}

#[tokio::test]
async fn a_confirmed_phone_is_told_to_the_confirmed_mailbox() {
    let service = Service::start().await;
    let id = service.registered().await;
    let bearer = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    service.ask_to_confirm_email(Some(&bearer), &id).await;
    let token = service.link_parameter("confirmationToken");
    assert_eq!(service.confirm_email(&id, &token).await.status, 204);
    let path = "/api/account/send-phone-number-confirmation-token";
    let body = json!({ "userId": id, "phoneNumber": OTHER_PHONE });
    service.post_as(Some(&bearer), path, &body).await;
    let body = json!({ "userId": id, "token": service.newest_code() });
    let path = "/api/account/confirm-phone-number";
    let done = service.post_as(Some(&bearer), path, &body).await;
    assert_eq!(done.status, 204, "{}", done.raw);
    let notice = &service.messages()[0];
    assert_eq!(notice.to, EMAIL);
    assert!(notice.text.starts_with("A phone number was confirmed"));
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
        .map(|item| item["wrong_row"].as_n().unwrap().clone())
        .collect();
    assert!(
        !rows.is_empty() && rows.iter().all(|row| row == "0"),
        "{rows:?}"
    );
}

#[tokio::test]
async fn where_every_login_must_be_aal2_no_mailbox_is_enrolled_or_adopted() {
    let mut service = Service::start().await;
    service
        .add_user("none@example.com", |account| account.user.email = None)
        .await;
    service.take(service.restarted_with(&[("COUNTERSIGN_AAL_POLICY", "aal2")]));
    let needed = service.password_as("none@example.com").await;
    let enroll = &needed.body["mfa_requirements"]["enroll"];
    assert_eq!(*enroll, json!([{ "type": "otp" }, { "type": "phone" }]));
    let token = needed.text("mfa_token");
    let body = json!({
        "authenticator_types": ["oob"], "oob_channels": ["email"], "email": "x@example.com",
    });
    let refused = service.associate(&token, &body).await;
    assert_eq!(refused.status, 400, "{}", refused.raw);
    let bearer = service
        .sign_in(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    let set = "/api/account/my-profile/set-two-factor-enabled?enabled=true";
    let refused = service
        .bearer_json(set, &bearer.text("access_token"), &json!({}))
        .await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
}
