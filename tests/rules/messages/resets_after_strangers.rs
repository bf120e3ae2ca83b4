//! Resets at the address of an account that strangers, squatters or thieves have used
//! before.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use crate::harness::account::{EMAIL, PASSWORD};
use crate::harness::{ADDRESS, Service};
use crate::rules::messages::resets::{forgot_from, network, sign_up, squat_from, use_up};

const DAY: i64 = 86_400;

#[tokio::test]
async fn a_thief_who_changes_the_password_does_not_make_the_owners_home_a_stranger() {
    let service = Service::start().await;
    service.registered_and_confirmed().await;
    let access = service.sign_in(EMAIL, PASSWORD).await.text("access_token");
    service.advance(60);
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "Thiefs-Own-Word-91" });
    let path = "/api/account/my-profile/change-password";
    let changed = service.post_as(Some(&access), path, &body).await;
    assert_eq!(changed.status, 204, "{}", changed.raw);
    use_up(&service, EMAIL).await;
    assert_eq!(forgot_from(&service, ADDRESS, EMAIL).await, 1);
}

#[tokio::test]
async fn resets_that_strangers_ask_for_stop_no_sign_up_and_no_registration() {
    for on_the_page in [true, false] {
        let service = Service::start().await;
        for at in 1..=30 {
            assert_eq!(forgot_from(&service, network(at), EMAIL).await, 0);
            service.advance(31);
        }
        match on_the_page {
            true => sign_up(&service, EMAIL).await,
            false => {
                drop(crate::dialects::codemaze::accounts::register::register(&service, EMAIL).await)
            }
        }
        assert_eq!(service.messages().len(), 1, "{on_the_page}");
    }
}

#[tokio::test]
async fn a_sign_up_at_an_inactive_accounts_address_is_charged_as_any_other() {
    for active in [true, false] {
        let service = Service::start().await;
        service.registered().await;
        let active_now = AttributeValue::Bool(active);
        service.set_profile(EMAIL, "active", active_now).await;
        for _ in 0..4 {
            sign_up(&service, EMAIL).await;
            service.advance(31);
        }
        service.add_user("enrols@example.com", |_| {}).await;
        let token = service.begin_shown("enrols@example.com").await;
        let body = json!({
            "authenticator_types": ["oob"], "oob_channels": ["email"], "email": EMAIL,
        });
        let refused = service.associate(&token, &body).await;
        assert_eq!(refused.status, 429, "{active}: {}", refused.raw);
    }
}

#[tokio::test]
async fn the_networks_of_a_squatter_are_strangers_again_after_the_owners_reset() {
    let service = Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "none")]).await;
    let id = service.registered().await;
    for at in 1..=8 {
        squat_from(&service, network(at)).await;
    }
    service.advance(1);
    forgot_from(&service, ADDRESS, EMAIL).await;
    let token = service.link_parameter("resetToken");
    let body = json!({ "userId": id, "resetToken": token, "password": "Another-Pass-77-word" });
    let answer = service.post_as(None, "/api/account/reset-password", &body);
    assert_eq!(answer.await.status, 204);
    service.advance(DAY);
    let before = service.messages().len();
    for _ in 0..6 {
        for at in 1..=8 {
            forgot_from(&service, network(at), EMAIL).await;
        }
        service.advance(30);
    }
    // Eight first asks, and five that strangers share.
    assert_eq!(service.messages().len(), before + 13);
}
