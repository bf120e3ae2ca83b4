//! Attacks on accounts: tokens that are used twice, late, for another user or as
//! another kind of token; links that lead elsewhere; and calls that need an access
//! token.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::abp::login::password::{connect, totp};
use crate::harness::Service;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};
use crate::races::logins::another_code;

const INVALID: &str = "Invalid token.";

/// A registered user with an access token and a confirmation link.
async fn confirming(service: &Service) -> (String, String) {
    let id = service.registered().await;
    let bearer = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    let sent = service.ask_to_confirm_email(Some(&bearer), &id).await;
    assert_eq!(sent.status, 204, "{}", sent.raw);
    (id, service.link_parameter("confirmationToken"))
}

pub fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

#[tokio::test]
async fn a_reset_token_is_good_once() {
    let service = Service::start().await;
    let id = service.registered().await;
    let token = service.reset_token(EMAIL).await;
    assert_eq!(service.reset(&id, &token, NEW_PASSWORD).await.status, 204);
    let again = service.reset(&id, &token, PASSWORD).await;
    again.is_rest_refused(403, INVALID);
    assert_eq!(service.sign_in(USER_NAME, NEW_PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_reset_token_ends_with_its_hour_and_with_any_change_of_the_account() {
    for change in ["time", "email", "epoch", "standing"] {
        let service = Service::start().await;
        let id = service.registered().await;
        let yes = AttributeValue::Bool(true);
        service.set_profile(EMAIL, "email_confirmed", yes).await;
        let token = service.reset_token(EMAIL).await;
        match change {
            "time" => service.advance(3600),
            "email" => {
                service
                    .set_profile(EMAIL, "email", text("new@example.net"))
                    .await
            }
            "epoch" => service.raise_epoch(EMAIL).await,
            _ => {
                let inactive = AttributeValue::Bool(false);
                service.set_profile(EMAIL, "active", inactive).await;
            }
        }
        let late = service.reset(&id, &token, NEW_PASSWORD).await;
        late.is_rest_refused(403, INVALID);
        let body = json!({ "userId": id, "resetToken": token });
        let path = "/api/account/verify-password-reset-token";
        assert_eq!(
            service.post_as(None, path, &body).await.raw,
            "false",
            "{change}"
        );
    }
}

#[tokio::test]
async fn a_second_reset_ends_what_a_first_one_left_behind() {
    let service = Service::start().await;
    let id = service.registered().await;
    let first = service.reset_token(EMAIL).await;
    service.advance(30);
    let second = service.reset_token(EMAIL).await;
    assert_eq!(service.reset(&id, &second, NEW_PASSWORD).await.status, 204);
    let stale = service.reset(&id, &first, PASSWORD).await;
    stale.is_rest_refused(403, INVALID);
}

#[tokio::test]
async fn a_token_is_good_for_its_own_user_and_kind_only() {
    let service = Service::start().await;
    let (id, confirm) = confirming(&service).await;
    let other = service.account(demo::PLAIN_USER).await.user.id.dashed();
    let refused = service.confirm_email(&other, &confirm).await;
    refused.is_rest_refused(403, INVALID);
    let refused = service.reset(&id, &confirm, NEW_PASSWORD).await;
    refused.is_rest_refused(403, INVALID);
    // Neither request consumed the token.
    assert_eq!(service.confirm_email(&id, &confirm).await.status, 204);
    let reset = service.reset_token(EMAIL).await;
    let refused = service.reset(&other, &reset, NEW_PASSWORD).await;
    refused.is_rest_refused(403, INVALID);
    let refused = service.confirm_email(&id, &reset).await;
    refused.is_rest_refused(403, INVALID);
    // Another user's id inside the token breaks its MAC.
    let mut forged = reset.clone().into_bytes();
    forged[12] = if forged[12] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    let refused = service.reset(&id, &forged, NEW_PASSWORD).await;
    refused.is_rest_refused(403, INVALID);
    // None of these requests consumed the token.
    assert_eq!(service.reset(&id, &reset, NEW_PASSWORD).await.status, 204);
}

#[tokio::test]
async fn a_confirmation_counts_once_and_is_good_for_a_day_and_for_the_address_that_it_was_sent_to()
{
    for change in ["time", "email", "epoch"] {
        let service = Service::start().await;
        let (id, token) = confirming(&service).await;
        match change {
            "time" => service.advance(86_400),
            "email" => {
                service
                    .set_profile(EMAIL, "email", text("new@example.net"))
                    .await
            }
            _ => service.raise_epoch(EMAIL).await,
        }
        let late = service.confirm_email(&id, &token).await;
        late.is_rest_refused(403, INVALID);
        assert!(
            !service.account(EMAIL).await.user.email_confirmed,
            "{change}"
        );
    }
    let service = Service::start().await;
    let (id, token) = confirming(&service).await;
    assert_eq!(service.confirm_email(&id, &token).await.status, 204);
    let before = service.account(EMAIL).await.user;
    // The second click gets the same answer as the first, and changes nothing.
    for _ in 0..2 {
        assert_eq!(service.confirm_email(&id, &token).await.status, 204);
    }
    let after = service.account(EMAIL).await.user;
    assert_eq!(after.epoch, before.epoch);
    // After another change of the account, the address is still confirmed.
    service.raise_epoch(EMAIL).await;
    assert_eq!(service.confirm_email(&id, &token).await.status, 204);
    // For another address, and after the link has expired, the answer is "invalid".
    let other = text("new@example.net");
    service.set_profile(EMAIL, "email", other).await;
    let again = service.confirm_email(&id, &token).await;
    again.is_rest_refused(403, INVALID);
    service.set_profile(EMAIL, "email", text(EMAIL)).await;
    service.advance(86_400);
    let late = service.confirm_email(&id, &token).await;
    late.is_rest_refused(403, INVALID);
}

#[tokio::test]
async fn a_link_leads_to_the_configured_origin_whatever_a_request_asks_for() {
    let origins = [("COUNTERSIGN_LINK_ORIGINS", "https://app.example.com")];
    let service = Service::start_with(&origins).await;
    service.registered_owner().await;
    for (asked, passed_along) in [
        ("https://evil.example/collect", None),
        ("https://app.example.com@evil.example/", None),
        ("https://app.example.com.evil.example/", None),
        ("//evil.example", None),
        ("/\\evil.example", None),
        ("javascript:alert(1)", None),
        (
            "https://app.example.com/home",
            Some("https://app.example.com/home"),
        ),
    ] {
        let body = json!({ "email": EMAIL, "appName": asked, "returnUrl": asked });
        let path = "/api/account/send-password-reset-code";
        let request = service.post_as(None, path, &body).await;
        assert_eq!(request.status, 204);
        let link = service.newest_link();
        assert_eq!(
            link.origin().ascii_serialization(),
            "https://app.example.com"
        );
        let message = &service.messages()[0];
        assert!(!message.text.contains("evil"), "{asked}: {}", message.text);
        let mut parameters = link.query_pairs();
        let found = parameters.find(|(name, _)| name == "returnUrl");
        assert_eq!(
            found.as_ref().map(|(_, url)| &**url),
            passed_along,
            "{asked}"
        );
        service.advance(1800);
    }
}

#[tokio::test]
async fn a_user_name_is_not_anothers_address() {
    let service = Service::start().await;
    // Nobody has this address yet, and it is not the account's own.
    let answer = service
        .register("victim@example.net", EMAIL, PASSWORD)
        .await;
    answer.is_rest_refused(403, "Username 'victim@example.net' is invalid.");
    service.registered().await;
    let answer = service
        .register(EMAIL, "mallory@example.net", PASSWORD)
        .await;
    answer.is_rest_refused(403, "Username 'ann.lee@example.net' is invalid.");
    let answer = service.register("mallory", USER_NAME, PASSWORD).await;
    answer.is_rest_refused(403, "Email 'annlee' is invalid.");
}

#[tokio::test]
async fn without_an_access_token_nothing_is_sent_and_nobody_is_told_of() {
    let service = Service::start().await;
    let id = service.registered().await;
    let nobody = "00000000-0000-0000-0000-000000000000";
    let told = "The security token is missing.";
    for user in [id.as_str(), nobody] {
        let answer = service.ask_to_confirm_email(None, user).await;
        answer.is_rest_refused(401, told);
        let body = json!({ "userId": user, "phoneNumber": "+15555550199" });
        let path = "/api/account/send-phone-number-confirmation-token";
        let answer = service.post_as(None, path, &body).await;
        answer.is_rest_refused(401, told);
        let path = format!("/api/account/confirmation-state?id={user}");
        service.get(&path, None).await.is_rest_refused(401, told);
        let body = json!({ "userId": user, "token": "123456" });
        let path = "/api/account/confirm-phone-number";
        let answer = service.post_as(None, path, &body).await;
        answer.is_rest_refused(401, told);
    }
    assert!(service.messages().is_empty());
    // Another user's access token does not help either.
    let other = service
        .sign_in(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    let bearer = other.text("access_token");
    let answer = service.ask_to_confirm_email(Some(&bearer), &id).await;
    answer.is_rest_refused(401, "The specified token is invalid.");
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn no_phone_is_bound_without_an_access_token_even_after_a_right_password() {
    let service = Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "phone")]).await;
    let id = service.registered().await;
    let answer = service.sign_in(USER_NAME, PASSWORD).await;
    assert_eq!(answer.error(), "invalid_grant: RequiresConfirmUser");
    let body = json!({ "userId": id, "phoneNumber": "+15555550199" });
    let path = "/api/account/send-phone-number-confirmation-token";
    let answer = service.post_as(None, path, &body).await;
    answer.is_rest_refused(403, "The user has no such address.");
    assert_eq!(service.account(EMAIL).await.user.phone, None);
    // The stored number may be asked for, for ten minutes after the password.
    service
        .set_profile(EMAIL, "phone", text("+15555550122"))
        .await;
    let stored = json!({ "userId": id });
    assert_eq!(service.post_as(None, path, &stored).await.status, 204);
    assert_eq!(service.messages()[0].to, "+15555550122");
    // After ten wrong codes without an access token, a further code still gets
    // the answer of a wrong code.
    let wrong = another_code(&service.newest_code());
    let wrong = json!({ "userId": id, "token": wrong });
    for _ in 0..13 {
        let confirm = "/api/account/confirm-phone-number";
        let answer = service.post_as(None, confirm, &wrong).await;
        answer.is_rest_refused(403, "Invalid token.");
    }
    service.advance(600);
    let answer = service.post_as(None, path, &stored).await;
    answer.is_rest_refused(401, "The security token is missing.");
}

#[tokio::test]
async fn only_a_present_administrators_token_for_the_account_reads_users() {
    let service = Service::start().await;
    let path = "/api/identity/users/by-username/admin";
    service
        .get(path, None)
        .await
        .is_rest_refused(401, "The security token is missing.");
    let plain = service
        .sign_in(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    let answer = service.get(path, Some(&plain.text("access_token"))).await;
    assert_eq!(answer.status, 403, "{}", answer.raw);
    // An administrator's token for another API.
    let code = totp(&service);
    let beside = [
        ("audience", demo::ABP_SCOPE),
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", code.as_str()),
    ];
    let tokens = connect(&service, &beside).await;
    assert_eq!(tokens.claims("access_token")["role"], "admin");
    let answer = service.get(path, Some(&tokens.text("access_token"))).await;
    answer.is_rest_refused(401, "The specified token is invalid.");
    // The role is read from the profile, so an old token with the role admin is
    // useless.
    service.advance(30);
    let tokens = service.administrator().await;
    let bearer = tokens.text("access_token");
    assert_eq!(service.get(path, Some(&bearer)).await.status, 200);
    let none = AttributeValue::L(Vec::new());
    service.set_profile(demo::ABP_EMAIL, "roles", none).await;
    assert_eq!(service.get(path, Some(&bearer)).await.status, 403);
}
