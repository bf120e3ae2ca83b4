//! The cost of the account routes: requests to DynamoDB, and calls of SES and SNS.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::Answer;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};
use crate::rules::requests::login::Counted;

const MAIL: &str = "/v2/email/outbound-emails";

/// Posts to ABP's account REST calls. Returns the cost, and the calls of other
/// services.
async fn post(
    counted: &Counted,
    status: u16,
    bearer: Option<&str>,
    path: &str,
    body: Value,
) -> (u64, Vec<String>) {
    counted.others.take_seen();
    let path = format!("/api/account/{path}");
    let request = counted.service.post_as(bearer, &path, &body);
    let (_, cost) = counted.cost(status, request).await;
    (cost, counted.others.take_seen())
}

fn nothing() -> Vec<String> {
    Vec::new()
}

fn mail() -> Vec<String> {
    vec![MAIL.to_owned()]
}

#[tokio::test]
async fn registering_costs_two_and_one_more_while_the_budget_of_the_network_is_in_use() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let (_, cost) = counted
        .cost(200, service.register(USER_NAME, EMAIL, PASSWORD))
        .await;
    assert_eq!(cost, 2);
    let (_, cost) = counted
        .cost(403, service.register(USER_NAME, EMAIL, PASSWORD))
        .await;
    assert_eq!(cost, 3);
    assert_eq!(counted.others.take_seen(), nothing());
}

#[tokio::test]
async fn a_forgotten_password_costs_five_for_a_user_and_three_for_nobody_and_its_reset_four() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let body = json!({ "email": demo::PLAIN_USER });
    let path = "send-password-reset-code";
    assert_eq!(post(&counted, 204, None, path, body).await, (5, mail()));
    let token = service.link_parameter("resetToken");
    // The network's budget is idle again.
    service.advance(180);
    let body = json!({ "email": "nobody@example.net" });
    assert_eq!(post(&counted, 204, None, path, body).await, (3, nothing()));
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    let check = json!({ "userId": id, "resetToken": token });
    let path = "verify-password-reset-token";
    assert_eq!(post(&counted, 200, None, path, check).await, (1, nothing()));
    let reset = json!({ "userId": id, "resetToken": token, "password": NEW_PASSWORD });
    let path = "reset-password";
    assert_eq!(
        post(&counted, 204, None, path, reset.clone()).await,
        (4, mail())
    );
    assert_eq!(post(&counted, 403, None, path, reset).await, (1, nothing()));
    let forged = json!({ "userId": id, "resetToken": "x", "password": NEW_PASSWORD });
    assert_eq!(
        post(&counted, 403, None, path, forged).await,
        (0, nothing())
    );
}

#[tokio::test]
async fn confirmations_cost_two_or_six_to_send_and_two_to_eight_to_do() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let id = service.registered().await;
    let bearer = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    let bearer = Some(bearer.as_str());
    let user = json!({ "userId": id });
    let path = "send-email-confirmation-token";
    assert_eq!(post(&counted, 204, bearer, path, user).await, (2, mail()));
    let token = service.link_parameter("confirmationToken");
    let body = json!({ "userId": id, "token": token });
    let path = "verify-email-confirmation-token";
    assert_eq!(
        post(&counted, 200, None, path, body.clone()).await,
        (1, nothing())
    );
    assert_eq!(
        post(&counted, 204, None, "confirm-email", body).await,
        (2, nothing())
    );
    let body = json!({ "userId": id, "phoneNumber": "+15555550177" });
    let path = "send-phone-number-confirmation-token";
    assert_eq!(
        post(&counted, 204, bearer, path, body).await,
        // Two requests for the ceilings of text messages, and one because the network's
        // budget is in use.
        (6, vec!["/".to_owned()])
    );
    let body = json!({ "userId": id, "token": service.newest_code() });
    let path = "confirm-phone-number";
    assert_eq!(post(&counted, 204, bearer, path, body).await, (8, mail()));
    let state = format!("/api/account/confirmation-state?id={id}");
    assert_eq!(counted.cost(200, service.get(&state, bearer)).await.1, 1);
}

#[tokio::test]
async fn without_an_access_token_a_confirmation_costs_three_to_send() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let id = service.registered().await;
    // As if this password had been answered with the need to confirm. The setting is
    // read at a cold start.
    let strict = service.restarted_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "email")]);
    let mut counted = counted;
    counted.service.take(strict);
    let service = &counted.service;
    service.sign_in(USER_NAME, PASSWORD).await;
    let (answer, cost) = counted
        .cost(400, service.sign_in(USER_NAME, PASSWORD))
        .await;
    assert_eq!(answer.error(), "invalid_grant: RequiresConfirmUser");
    assert_eq!(cost, 5);
    let user = json!({ "userId": id });
    let path = "send-email-confirmation-token";
    assert_eq!(post(&counted, 204, None, path, user).await, (3, mail()));
}

#[tokio::test]
async fn a_change_of_password_costs_six_and_reading_the_profile_one() {
    let counted = Counted::start().await;
    let service = &counted.service;
    service.registered_and_confirmed().await;
    let bearer = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    counted.others.take_seen();
    let profile = service.get("/api/account/my-profile", Some(&bearer));
    assert_eq!(counted.cost(200, profile).await.1, 1);
    let body = json!({ "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD });
    let path = "my-profile/change-password";
    assert_eq!(
        post(&counted, 204, Some(&bearer), path, body).await,
        (6, mail())
    );
}

#[tokio::test]
async fn a_password_that_has_to_be_changed_costs_four_at_home_and_its_change_three() {
    let counted = Counted::start().await;
    let service = &counted.service;
    service.registered().await;
    service.sign_in(USER_NAME, PASSWORD).await;
    let forced = AttributeValue::Bool(true);
    service
        .set_profile(EMAIL, "must_change_password", forced)
        .await;
    let (answer, cost) = counted
        .cost(400, service.sign_in(USER_NAME, PASSWORD))
        .await;
    assert_eq!(cost, 4);
    let token = answer.text("changePasswordToken");
    let beside = [
        ("ChangePasswordToken", token.as_str()),
        ("NewPassword", NEW_PASSWORD),
    ];
    let change = service.sign_in_with(USER_NAME, PASSWORD, &beside);
    assert_eq!(counted.cost(200, change).await.1, 3);
}

#[tokio::test]
async fn looking_at_a_login_costs_five_and_at_a_user_three_or_four() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let id = service.registered().await;
    let body = json!({ "userNameOrEmailAddress": USER_NAME, "password": PASSWORD });
    assert_eq!(
        post(&counted, 200, None, "login", body).await,
        (5, nothing())
    );
    let administrator: Answer = service.administrator().await;
    let bearer = administrator.text("access_token");
    for (path, cost) in [
        (id, 3),
        (format!("by-username/{USER_NAME}"), 4),
        (format!("by-email/{EMAIL}"), 4),
    ] {
        let path = format!("/api/identity/users/{path}");
        let look = service.get(&path, Some(&bearer));
        assert_eq!(counted.cost(200, look).await.1, cost, "{path}");
    }
}

#[tokio::test]
async fn codemazes_first_step_costs_eight_and_its_second_six() {
    let counted = Counted::start().await;
    let service = &counted.service;
    // From here on, the client is in memory.
    let wrong = json!({ "email": demo::PLAIN_USER, "password": "wrong" });
    let wrong = service.post_json("/api/accounts/login", &wrong);
    assert_eq!(counted.cost(401, wrong).await.1, 6);
    let body = json!({ "email": demo::USER, "password": demo::PASSWORD_OF_ALL });
    let first = service.post_json("/api/accounts/login", &body);
    assert_eq!(counted.cost(200, first).await.1, 8);
    assert_eq!(counted.others.take_seen(), mail());
    let code = service.newest_code();
    let path = "/api/accounts/twostepverification";
    let body = json!({ "email": demo::USER, "provider": "Email", "token": code });
    let second = service.post_json(path, &body);
    assert_eq!(counted.cost(200, second).await.1, 6);
    // An unknown name costs as much as a user without a pending login.
    for email in [demo::PLAIN_USER, "nobody@example.com"] {
        let body = json!({ "email": email, "provider": "Email", "token": "123456" });
        let second = service.post_json(path, &body);
        assert_eq!(counted.cost(400, second).await.1, 3, "{email}");
    }
}
