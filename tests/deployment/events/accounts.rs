//! The routes of the `account` function as Lambda serves them: events of API
//! Gateway, kept in `events/`, answered by that function with its keys only.

use countersign_local::demo;

use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};
use crate::harness::{Answer, Service};

/// A user that the kept event registers: the identifier.
async fn registered(service: &Service) -> String {
    let answer = service.event("account-abp-register", &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    answer.text("id")
}

fn is_done(answer: &Answer) {
    assert_eq!((answer.status, answer.raw.as_str()), (204, ""));
}

#[tokio::test]
async fn a_user_is_registered_confirmed_and_shown_by_one_function() {
    let service = Service::start().await;
    let id = registered(&service).await;
    let access = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    let mut values = vec![("user_id", id.as_str()), ("access_token", access.as_str())];
    is_done(
        &service
            .event("account-abp-send-email-confirmation", &values)
            .await,
    );
    let token = service.link_parameter("confirmationToken");
    values.push(("confirmation_token", &token));
    assert_eq!(
        service.event("account-abp-verify-email", &values).await.raw,
        "true"
    );
    is_done(&service.event("account-abp-confirm-email", &values).await);
    is_done(
        &service
            .event("account-abp-send-phone-confirmation", &values)
            .await,
    );
    let code = service.newest_code();
    values.push(("code", &code));
    is_done(&service.event("account-abp-confirm-phone", &values).await);
    let state = service
        .event("account-abp-confirmation-state", &values)
        .await;
    assert_eq!(
        state.raw,
        r#"{"emailConfirmed":true,"phoneNumberConfirmed":true}"#
    );
    let profile = service.event("account-abp-my-profile", &values).await;
    assert_eq!(profile.body["phoneNumber"], "+15555550177");
    let wrong = service
        .event("account-abp-change-password-wrong", &values)
        .await;
    wrong.is_rest_refused(403, "Incorrect password.");
    is_done(&service.event("account-abp-change-password", &values).await);
    assert_eq!(service.sign_in(EMAIL, NEW_PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_forgotten_password_is_reset_by_one_function_and_leads_nowhere_else() {
    let service = Service::start().await;
    let id = service.account(demo::ABP_EMAIL).await.user.id.dashed();
    is_done(&service.event("account-abp-forgot", &[]).await);
    assert!(!service.messages()[0].text.contains("evil.example"));
    let token = service.link_parameter("resetToken");
    let values = [("user_id", id.as_str()), ("reset_token", token.as_str())];
    assert_eq!(
        service.event("account-abp-verify-reset", &values).await.raw,
        "true"
    );
    is_done(&service.event("account-abp-reset", &values).await);
    let begun = service.sign_in(demo::ABP_USER, NEW_PASSWORD).await;
    assert_eq!(begun.error(), "invalid_grant: RequiresTwoFactor");
}

#[tokio::test]
async fn an_administrator_looks_users_up() {
    let service = Service::start().await;
    let id = service.account(demo::ABP_EMAIL).await.user.id.dashed();
    let access = service.administrator().await.text("access_token");
    let values = [("user_id", id.as_str()), ("access_token", access.as_str())];
    for name in ["by-username", "by-email", "by-id"] {
        let found = service
            .event(&format!("account-abp-user-{name}"), &values)
            .await;
        assert_eq!(found.status, 200, "{name}: {}", found.raw);
        assert_eq!(found.body["id"], id.as_str(), "{name}");
    }
}

#[tokio::test]
async fn the_account_function_refuses_in_the_words_of_abp() {
    let service = Service::start().await;
    let login = service.event("account-abp-login", &[]).await;
    assert_eq!(
        login.raw,
        r#"{"result":5,"description":"RequiresTwoFactor"}"#
    );
    let login = service.event("account-abp-login-wrong", &[]).await;
    assert_eq!(
        login.raw,
        r#"{"result":2,"description":"InvalidUserNameOrPassword"}"#
    );
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    let values = [("user_id", id.as_str())];
    for (name, status, message) in [
        (
            "register-name-taken",
            403,
            "Username 'admin' is already taken.",
        ),
        (
            "register-password-common",
            403,
            "This password is too common. Choose another.",
        ),
        ("forgot-email-missing", 400, "Your request is not valid!"),
        ("reset-token-forged", 403, "Invalid token."),
        (
            "send-email-confirmation-no-token",
            401,
            "The security token is missing.",
        ),
        (
            "send-phone-confirmation-no-token",
            401,
            "The security token is missing.",
        ),
        ("my-profile-no-token", 401, "The security token is missing."),
        ("user-by-id-no-token", 401, "The security token is missing."),
    ] {
        let answer = service.event(&format!("account-abp-{name}"), &values).await;
        answer.is_rest_refused(status, message);
    }
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn the_account_function_answers_codemazes_login_and_its_second_step() {
    let service = Service::start().await;
    let begun = service.event("account-codemaze-login", &[]).await;
    assert_eq!(begun.body["provider"], "Email", "{}", begun.raw);
    let code = service.newest_code();
    let done = service
        .event("account-codemaze-second-step", &[("code", &code)])
        .await;
    assert_eq!(done.body["isAuthSuccessful"], true, "{}", done.raw);
    let wrong = service.event("account-codemaze-login-wrong", &[]).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.body["errorMessage"], "Invalid Authentication");
    let missing = service
        .event("account-codemaze-second-step-fields-missing", &[])
        .await;
    assert_eq!(missing.status, 400);
    assert_eq!(missing.body["errors"]["Token"][0], "Token is required.");
}

#[tokio::test]
async fn the_account_function_registers_confirms_and_resets_in_codemazes_words() {
    let service = Service::start().await;
    let done = service.event("account-codemaze-registration", &[]).await;
    assert_eq!((done.status, done.raw.as_str()), (201, ""));
    let token = service.link_parameter("token");
    let values = [("confirmation_token", token.as_str())];
    let done = service
        .event("account-codemaze-email-confirmation", &values)
        .await;
    assert_eq!((done.status, done.raw.as_str()), (200, ""));
    let done = service.event("account-codemaze-forgot", &[]).await;
    assert_eq!((done.status, done.raw.as_str()), (200, ""));
    assert!(!service.messages()[0].text.contains("evil.example"));
    let token = service.link_parameter("token");
    let values = [("reset_token", token.as_str())];
    let done = service.event("account-codemaze-reset", &values).await;
    assert_eq!((done.status, done.raw.as_str()), (200, ""));
}

#[tokio::test]
async fn the_account_function_refuses_in_the_words_of_codemaze() {
    let service = Service::start().await;
    for (name, body) in [
        (
            "registration-name-taken",
            r#"{"errors":["Username 'user@example.com' is already taken."],"isSuccessfulRegistration":false}"#,
        ),
        (
            "registration-password-short",
            r#"{"errors":["Passwords must be at least 8 characters."],"isSuccessfulRegistration":false}"#,
        ),
        (
            "email-confirmation-token-forged",
            "Invalid Email Confirmation Request",
        ),
        ("reset-token-forged", r#"{"errors":["Invalid token."]}"#),
    ] {
        let answer = service
            .event(&format!("account-codemaze-{name}"), &[])
            .await;
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        assert_eq!(answer.status, 400, "{name}: {}", answer.raw);
        match read(body) {
            Some(body) => assert_eq!(answer.body, body, "{name}"),
            None => assert_eq!(answer.raw, body, "{name}"),
        }
    }
    for (name, field) in [
        ("registration-fields-missing", "ConfirmPassword"),
        ("forgot-fields-missing", "ClientURI"),
        ("reset-passwords-differ", "ConfirmPassword"),
    ] {
        let answer = service
            .event(&format!("account-codemaze-{name}"), &[])
            .await;
        assert!(
            answer.body["errors"][field].is_array(),
            "{name}: {}",
            answer.raw
        );
    }
    assert!(service.messages().is_empty());
}
