//! ABP's routes as Lambda serves them: events of API Gateway, kept in
//! `events/`, answered by the one function that owns the route.

use serde_json::json;

use crate::harness::{Answer, Service};

/// The password step of the ABP user, whose second factor is needed.
async fn begin(service: &Service) -> (String, String) {
    let begun = service.event("token-abp-password", &[]).await;
    assert_eq!(begun.status, 400, "{}", begun.raw);
    assert_eq!(begun.error(), "invalid_grant: RequiresTwoFactor");
    (begun.text("userId"), begun.text("twoFactorToken"))
}

/// Has a code sent by e-mail.
async fn send(service: &Service, user_id: &str, token: &str) -> String {
    let values = [("user_id", user_id), ("two_factor_token", token)];
    let sent = service.event("send-code-abp-email", &values).await;
    assert_eq!((sent.status, sent.raw.as_str()), (204, ""));
    service.newest_code()
}

async fn has_user_information(service: &Service, tokens: &Answer) {
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let access = tokens.text("access_token");
    for name in ["token-abp-userinfo", "token-abp-userinfo-post"] {
        let user = service.event(name, &[("access_token", &access)]).await;
        assert_eq!(user.status, 200, "{name}: {}", user.raw);
        assert_eq!(user.body["sub"], tokens.claims("access_token")["sub"]);
    }
}

#[tokio::test]
async fn a_code_that_was_verified_with_the_token_completes_the_login_by_the_token() {
    let service = Service::start().await;
    let (user_id, token) = begin(&service).await;
    let values = [("user_id", &*user_id), ("two_factor_token", &*token)];
    let listed = service.event("send-code-abp-providers", &values).await;
    assert_eq!(listed.status, 200, "{}", listed.raw);
    assert_eq!(listed.body, json!(["Email", "Phone", "Authenticator"]));
    let code = send(&service, &user_id, &token).await;
    let values = [
        ("user_id", &*user_id),
        ("two_factor_token", &*token),
        ("code", &*code),
    ];
    let verified = service.event("verify-abp-code", &values).await;
    assert_eq!((verified.status, verified.raw.as_str()), (200, "true"));
    let tokens = service
        .event("token-abp-two-factor-token", &values[1..2])
        .await;
    has_user_information(&service, &tokens).await;
}

#[tokio::test]
async fn the_password_and_the_code_in_one_request_complete_the_login_too() {
    let service = Service::start().await;
    let (user_id, token) = begin(&service).await;
    let code = send(&service, &user_id, &token).await;
    let tokens = service
        .event("token-abp-two-factor-code", &[("code", &code)])
        .await;
    has_user_information(&service, &tokens).await;
}

#[tokio::test]
async fn a_wrong_code_is_false_and_at_the_token_endpoint_invalid() {
    let service = Service::start().await;
    let (user_id, token) = begin(&service).await;
    send(&service, &user_id, &token).await;
    let values = [
        ("user_id", &*user_id),
        ("two_factor_token", &*token),
        ("code", "abcdef"),
    ];
    let verified = service.event("verify-abp-code", &values).await;
    assert_eq!((verified.status, verified.raw.as_str()), (200, "false"));
    let refused = service
        .event("token-abp-two-factor-code", &[("code", "abcdef")])
        .await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.error(),
        "invalid_grant: Invalid authenticator code!"
    );
}

#[tokio::test]
async fn the_token_endpoint_refuses_in_the_words_of_openiddict() {
    let service = Service::start().await;
    for (name, status, error) in [
        (
            "token-abp-password-wrong",
            400,
            "invalid_grant: Invalid username or password!",
        ),
        (
            "token-abp-client-unknown",
            401,
            "invalid_client: The specified client credentials are invalid.",
        ),
    ] {
        let answer = service.event(name, &[]).await;
        let told = (answer.status, answer.error());
        assert_eq!(told, (status, error.to_owned()), "{name}");
    }
}

#[tokio::test]
async fn the_account_routes_refuse_in_the_words_of_abp() {
    let service = Service::start().await;
    let (user_id, token) = begin(&service).await;
    let values = [("user_id", &*user_id), ("two_factor_token", &*token)];
    for (name, values, status, message) in [
        (
            "send-code-abp-providers-no-user",
            &[][..],
            400,
            "Your request is not valid!",
        ),
        (
            "send-code-abp-provider-unknown",
            &values,
            403,
            "The user does not have this two-factor provider.",
        ),
        (
            "verify-abp-code-missing",
            &values[..1],
            400,
            "Your request is not valid!",
        ),
    ] {
        let answer = service.event(name, values).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.raw);
        assert_eq!(answer.body["error"]["message"], message, "{name}");
    }
}
