//! Users who must show a second factor and have none, in dialects without a call to
//! enrol at a login. And factors under a policy that asks nobody for one.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::dialects::abp::login::password::{send, verify};
use crate::dialects::auth0::factors::enrolment::{FORCED, notices};
use crate::dialects::codemaze::accounts::register as accounts;
use crate::dialects::codemaze::login::password_and_code::{claims, login, second_step};
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};
use crate::harness::{Answer, Service};
use crate::races::logins::another_code;

const REQUIRED: (&str, &str) = ("COUNTERSIGN_MFA_POLICY", "required");

const DISABLED: (&str, &str) = ("COUNTERSIGN_MFA_POLICY", "disabled");

const TO_THE_PAGE: &str =
    "Set up an authenticator app first, on the page /auth/two-factor of the sign-in service.";

const ADDED: &str = "An e-mail address for sign-in codes was added to your account.";

async fn providers(service: &Service, begun: &Answer) -> serde_json::Value {
    let (user, token) = (begun.text("userId"), begun.text("twoFactorToken"));
    let path = format!("/api/account/two-factor-providers?userId={user}&token={token}");
    service.get(&path, None).await.body
}

#[tokio::test]
async fn codemazes_user_without_a_factor_signs_in_by_a_code_to_the_confirmed_address() {
    let service = Service::start_with(&[REQUIRED]).await;
    let begun = login(&service, demo::PLAIN_USER, demo::PASSWORD_OF_ALL).await;
    assert_snapshot!(begun.shown(), @r#"
    200 application/json no-store no-cache
    {
      "isAuthSuccessful": false,
      "errorMessage": null,
      "token": null,
      "is2StepVerificationRequired": true,
      "provider": "Email"
    }
    "#);
    let code = service.newest_code();
    assert_eq!(service.messages()[0].to, demo::PLAIN_USER);
    let wrong = second_step(&service, demo::PLAIN_USER, &another_code(&code)).await;
    assert_eq!(wrong.raw, "Invalid Token Verification");
    assert!(
        service
            .account(demo::PLAIN_USER)
            .await
            .active_factors()
            .next()
            .is_none()
    );
    let tokens = second_step(&service, demo::PLAIN_USER, &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(
        claims(&tokens.text("token"))["amr"],
        json!(["pwd", "otp", "mfa"])
    );
    let account = service.account(demo::PLAIN_USER).await;
    assert!(account.user.two_factor);
    assert_eq!(account.active_factors().count(), 1);
    assert_eq!(notices(&service), [ADDED]);
    // From now on, the address is an ordinary factor.
    service.advance(30);
    login(&service, demo::PLAIN_USER, demo::PASSWORD_OF_ALL).await;
    let code = service.newest_code();
    assert_eq!(
        second_step(&service, demo::PLAIN_USER, &code).await.status,
        200
    );
    assert_eq!(service.account(demo::PLAIN_USER).await.factors.len(), 1);
}

#[tokio::test]
async fn asking_for_the_first_code_again_and_again_leaves_one_factor_behind() {
    let service = Service::start_with(&[REQUIRED]).await;
    let first = login(&service, demo::PLAIN_USER, demo::PASSWORD_OF_ALL).await;
    let code = service.newest_code();
    for _ in 0..15 {
        let again = login(&service, demo::PLAIN_USER, demo::PASSWORD_OF_ALL).await;
        assert_eq!(again.raw, first.raw);
    }
    assert_eq!(service.messages().len(), 1);
    assert_eq!(service.account(demo::PLAIN_USER).await.factors.len(), 1);
    assert_eq!(
        second_step(&service, demo::PLAIN_USER, &code).await.status,
        200
    );
}

#[tokio::test]
async fn a_grace_period_lets_codemazes_user_in_and_its_end_asks_for_the_mailbox() {
    let grace = ("COUNTERSIGN_MFA_GRACE_SECONDS", "3600");
    let service = Service::start_with(&[REQUIRED, grace]).await;
    accounts::registered(&service).await;
    let within = login(&service, EMAIL, PASSWORD).await;
    assert_snapshot!(within.shown(), @r#"
    200 application/json no-store no-cache
    {
      "isAuthSuccessful": true,
      "errorMessage": null,
      "token": "[jwt]",
      "is2StepVerificationRequired": false,
      "provider": null
    }
    "#);
    service.advance(3600);
    let after = login(&service, EMAIL, PASSWORD).await;
    assert_snapshot!(after.shown(), @r#"
    200 application/json no-store no-cache
    {
      "isAuthSuccessful": false,
      "errorMessage": null,
      "token": null,
      "is2StepVerificationRequired": true,
      "provider": "Email"
    }
    "#);
}

#[tokio::test]
async fn whoever_has_another_factor_gets_no_mailbox_beside_it() {
    let service = Service::start_with(&[REQUIRED]).await;
    let user = service.add_user(FORCED, |_| {}).await;
    let app = crate::harness::totp_factor(&service.app, user, demo::SEED, true).await;
    service.add_factor(user, &app).await;
    let answer = login(&service, FORCED, demo::PASSWORD_OF_ALL).await;
    assert_eq!(answer.body["provider"], "Authenticator", "{}", answer.raw);
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn where_every_login_must_be_aal2_no_mailbox_is_demanded() {
    let service = Service::start_with(&[REQUIRED, ("COUNTERSIGN_AAL_POLICY", "aal2")]).await;
    let answer = login(&service, demo::PLAIN_USER, demo::PASSWORD_OF_ALL).await;
    assert_eq!(answer.body["errorMessage"], TO_THE_PAGE, "{}", answer.raw);
    let begun = service
        .sign_in(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    assert_eq!(begun.error(), format!("invalid_grant: {TO_THE_PAGE}"));
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn abps_user_without_a_factor_is_offered_the_confirmed_address_and_it_becomes_one() {
    for with_token in [false, true] {
        let service = Service::start_with(&[REQUIRED]).await;
        let begun = service
            .sign_in(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
            .await;
        assert_eq!(begun.error(), "invalid_grant: RequiresTwoFactor");
        assert_eq!(providers(&service, &begun).await, json!(["Email"]));
        let (user, token) = (begun.text("userId"), begun.text("twoFactorToken"));
        let phone = send(&service, &user, &token, "Phone").await;
        phone.is_rest_refused(403, "The user does not have this two-factor provider.");
        assert_eq!(send(&service, &user, &token, "Email").await.status, 204);
        let code = service.newest_code();
        let tokens = if with_token {
            let yes = verify(&service, &user, Some(&token), "Email", &code).await;
            assert_eq!(yes.raw, "true");
            let beside = [("twoFactorToken", token.as_str())];
            service
                .sign_in_with(demo::PLAIN_USER, demo::PASSWORD_OF_ALL, &beside)
                .await
        } else {
            let beside = [
                ("TwoFactorProvider", "Email"),
                ("TwoFactorCode", code.as_str()),
            ];
            service
                .sign_in_with(demo::PLAIN_USER, demo::PASSWORD_OF_ALL, &beside)
                .await
        };
        assert_eq!(tokens.status, 200, "{}", tokens.raw);
        assert_eq!(notices(&service), [ADDED]);
        assert_eq!(
            service
                .account(demo::PLAIN_USER)
                .await
                .active_factors()
                .count(),
            1
        );
    }
}

#[tokio::test]
async fn abps_user_with_nothing_confirmed_confirms_first_and_then_shows_it() {
    let service = Service::start_with(&[REQUIRED]).await;
    let id = service.registered().await;
    let told = service.sign_in(USER_NAME, PASSWORD).await;
    assert_eq!(told.error(), "invalid_grant: RequiresConfirmUser");
    let body = json!({ "userNameOrEmailAddress": USER_NAME, "password": PASSWORD });
    let looked = service.post_as(None, "/api/account/login", &body).await;
    assert_eq!(looked.body["description"], "NotAllowed", "{}", looked.raw);
    let asked = service.ask_to_confirm_email(None, &id).await;
    assert_eq!(asked.status, 204, "{}", asked.raw);
    let token = service.link_parameter("confirmationToken");
    assert_eq!(service.confirm_email(&id, &token).await.status, 204);
    let begun = service.sign_in(USER_NAME, PASSWORD).await;
    assert_eq!(begun.error(), "invalid_grant: RequiresTwoFactor");
    assert_eq!(providers(&service, &begun).await, json!(["Email"]));
}

#[tokio::test]
async fn an_unconfirmed_address_is_never_sent_a_first_code() {
    let service = Service::start_with(&[REQUIRED]).await;
    let begun = service
        .sign_in(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    let no = AttributeValue::Bool(false);
    service
        .set_profile(demo::PLAIN_USER, "email_confirmed", no)
        .await;
    let (user, token) = (begun.text("userId"), begun.text("twoFactorToken"));
    let sent = send(&service, &user, &token, "Email").await;
    sent.is_rest_refused(403, TO_THE_PAGE);
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn where_nobody_is_asked_for_a_factor_a_recent_session_removes_one_and_changes_the_password()
{
    let mut service = Service::start().await;
    service.take(service.restarted_with(&[DISABLED]));
    let tokens = service.sign_in(demo::ABP_USER, demo::ABP_PASSWORD).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let bearer = tokens.text("access_token");
    service.advance(600);
    let reset = "/api/account/reset-authenticator";
    let late = service.bearer_json(reset, &bearer, &json!({})).await;
    assert!([401, 403].contains(&late.status), "{}", late.raw);
    let bearer = service.sign_in(demo::ABP_USER, demo::ABP_PASSWORD).await;
    let bearer = bearer.text("access_token");
    let done = service.bearer_json(reset, &bearer, &json!({})).await;
    assert_eq!(done.status, 204, "{}", done.raw);
    let told = "An authenticator app was removed from your account.";
    assert_eq!(notices(&service), [told]);
    let body = json!({ "currentPassword": demo::ABP_PASSWORD, "newPassword": NEW_PASSWORD });
    let path = "/api/account/my-profile/change-password";
    let changed = service.post_as(Some(&bearer), path, &body).await;
    assert_eq!(changed.status, 204, "{}", changed.raw);
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
