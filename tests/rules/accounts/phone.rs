//! Phone numbers of an account: who may store another number, and who is notified when
//! a number is confirmed.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use crate::attacks::accounts::text;
use crate::harness::Service;
use crate::harness::account::{EMAIL, PASSWORD, USER_NAME};

const OTHER_PHONE: &str = "+15555550666";

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
async fn a_confirmed_phone_is_not_replaced_by_another_number() {
    let service = Service::start().await;
    let id = service.registered().await;
    service
        .set_profile(EMAIL, "phone", text("+15555550122"))
        .await;
    let confirmed = AttributeValue::Bool(true);
    service
        .set_profile(EMAIL, "phone_confirmed", confirmed)
        .await;
    let bearer = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    let body = json!({ "userId": id, "phoneNumber": "+15555550199" });
    let path = "/api/account/send-phone-number-confirmation-token";
    let answer = service.post_as(Some(&bearer), path, &body).await;
    answer.is_rest_refused(403, "The user has no such address.");
    assert!(service.messages().is_empty());
}
