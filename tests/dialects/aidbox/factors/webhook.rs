//! The webhook: what it receives, where it may be, and what happens to a code that it
//! did not accept.

use countersign::domain::factors::factor::Channel;
use countersign_local::demo;
use countersign_local::stand_in;
use serde_json::json;

use crate::harness::aidbox::{PATIENCE, Receiver, Reply, webhook};
use crate::harness::{Service, address_factor, logged};

/// The user whose only factor is the webhook.
pub const HOOKED: &str = "hooked@example.com";

const REQUIRED: &str = "2FA token is required";

/// Makes the user whose only factor is the webhook.
pub async fn with_hooked_user(service: &Service) {
    let factor = address_factor(Channel::Webhook, "phone", true);
    let add =
        |account: &mut countersign::domain::accounts::user::Account| account.factors.push(factor);
    service.add_user(HOOKED, add).await;
}

/// A service that uses this receiver as its webhook, with a user who has the webhook as
/// a factor.
pub async fn before(receiver: &Receiver) -> Service {
    let service = Service::start_with(&webhook(&receiver.url)).await;
    with_hooked_user(&service).await;
    service
}

#[tokio::test]
async fn a_token_is_posted_at_enrolment_and_at_login_and_completes_both() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    service.webhook_on(&access).await;
    let state = service.aidbox_userinfo(&access).await;
    let on = json!({ "enabled": true, "transport": "phone" });
    assert_eq!(state.body["twoFactor"], on);
    service.advance(30);
    let asked = service.aidbox_login(demo::PLAIN_USER, None).await;
    asked.is_refused(400, "invalid_grant", REQUIRED);
    let message = service.messages().remove(0);
    assert_eq!(message.channel, stand_in::Channel::Webhook);
    assert_eq!(message.to, demo::PLAIN_USER);
    let code = service.newest_code();
    let login = service.aidbox_login(demo::PLAIN_USER, Some(&code)).await;
    insta::assert_snapshot!(login.shown(), @r#"
    200 application/json no-store no-cache
    {
      "token_type": "Bearer",
      "expires_in": 3600,
      "access_token": "[jwt]",
      "userinfo": {"id":"[id]","email":"plain@example.com","resourceType":"User"}
    }
    "#);
    // It is unknown who reads the messages of a webhook.
    let claims = login.claims("access_token");
    assert_eq!(claims["acr"], "aal1");
    assert_eq!(claims["amr"], json!(["pwd", "otp", "mfa"]));
    let again = service.aidbox_login(demo::PLAIN_USER, Some(&code)).await;
    again.is_refused(400, "invalid_grant", "Wrong token");
}

#[tokio::test]
async fn the_post_holds_the_user_the_token_and_the_headers_of_the_settings_and_no_more() {
    let receiver = Receiver::start(Reply::Status(204)).await;
    let headers = "{\"Authorization\": \"Basic aG9vazpob29r\", \"x-tenant\": \"blue\"}";
    let [endpoint] = webhook(&receiver.url);
    let service = Service::start_with(&[endpoint, ("COUNTERSIGN_WEBHOOK_HEADERS", headers)]).await;
    service.watch_secret("aG9vazpob29r");
    with_hooked_user(&service).await;
    let id = service.account(HOOKED).await.user.id.dashed();
    let asked = service.aidbox_login(HOOKED, None).await;
    asked.is_refused(400, "invalid_grant", REQUIRED);
    let (got, body) = receiver.posts().remove(0);
    let token = body["token"].as_str().unwrap().to_owned();
    service.watch_secret(&token);
    assert_eq!(
        body,
        json!({ "user": { "id": id, "email": HOOKED }, "token": token })
    );
    assert!(token.len() == 6 && token.bytes().all(|byte| byte.is_ascii_digit()));
    assert_eq!(got["authorization"], "Basic aG9vazpob29r");
    assert_eq!(got["x-tenant"], "blue");
    assert_eq!(got["content-type"], "application/json");
    let login = service.aidbox_login(HOOKED, Some(&token)).await;
    assert_eq!(login.status, 200, "{}", login.raw);
}

#[tokio::test]
async fn neither_the_headers_nor_the_token_are_printed_or_logged_when_a_post_fails() {
    let receiver = Receiver::start(Reply::Status(500)).await;
    let headers = "{\"authorization\": \"Basic c2VjcmV0OnNlY3JldA==\"}";
    let [endpoint] = webhook(&receiver.url);
    let settings = [endpoint, ("COUNTERSIGN_WEBHOOK_HEADERS", headers)];
    let service = Service::start_with(&settings).await;
    service.watch_secret("c2VjcmV0OnNlY3JldA");
    with_hooked_user(&service).await;
    let (answer, lines) = logged(service.aidbox_login(HOOKED, None)).await;
    insta::assert_snapshot!(answer.shown(), @r#"
    503 application/json no-store no-cache
    retry-after: 1
    {
      "error": "delivery_failed",
      "error_description": "The 2FA token could not be sent. Try again, or use another transport",
      "available_transports": []
    }
    "#);
    assert_eq!(receiver.posts().len(), 1, "it is posted once");
    let printed = format!("{:?} {lines:?}", service.app.config);
    assert!(printed.contains("Status500"), "{printed}");
    assert!(!printed.contains("c2VjcmV0"), "{printed}");
    let token = receiver.posts()[0].1["token"].as_str().unwrap().to_owned();
    assert!(!format!("{lines:?}").contains(&token));
}

#[tokio::test]
async fn a_webhook_that_is_down_is_503_and_costs_nothing() {
    let receiver = Receiver::start(Reply::Status(500)).await;
    let mut service = before(&receiver).await;
    // More often than the budget allows.
    for _ in 0..12 {
        let failed = service.aidbox_login(HOOKED, None).await;
        assert_eq!(failed.status, 503, "{}", failed.raw);
        assert_eq!(failed.body["error"], "delivery_failed");
        assert_eq!(failed.body["available_transports"], json!([]));
        assert!(failed.number_header("retry-after") > 0);
    }
    let codes = receiver.posts();
    let good = Receiver::start(Reply::Status(200)).await;
    service.take(service.restarted_with(&webhook(&good.url)));
    // Without a wait, because a failed send has no cool-down.
    let asked = service.aidbox_login(HOOKED, None).await;
    asked.is_refused(400, "invalid_grant", REQUIRED);
    let token = good.posts()[0].1["token"].as_str().unwrap().to_owned();
    let of_failed = codes[0].1["token"].as_str().unwrap();
    if of_failed != token {
        let refused = service.aidbox_login(HOOKED, Some(of_failed)).await;
        refused.is_refused(400, "invalid_grant", "Wrong token");
    }
    let login = service.aidbox_login(HOOKED, Some(&token)).await;
    assert_eq!(login.status, 200, "{}", login.raw);
}

#[tokio::test]
async fn the_other_factors_are_told_when_a_post_fails_and_the_factor_is_never_skipped() {
    let receiver = Receiver::start(Reply::Status(500)).await;
    let service = before(&receiver).await;
    let user = service.account(HOOKED).await.user.id;
    let email = address_factor(Channel::Email, HOOKED, true);
    service.add_factor(user, &email).await;
    // In Aidbox's dialect, the webhook comes before e-mail.
    let failed = service.aidbox_login(HOOKED, None).await;
    insta::assert_snapshot!(failed.shown(), @r#"
    503 application/json no-store no-cache
    retry-after: 1
    {
      "error": "delivery_failed",
      "error_description": "The 2FA token could not be sent. Try again, or use another transport",
      "available_transports": ["email"]
    }
    "#);
    assert_eq!(failed.body["available_transports"], json!(["email"]));
}

#[tokio::test]
async fn a_second_request_within_half_a_minute_posts_nothing_and_its_login_takes_the_code() {
    let receiver = Receiver::start(Reply::Status(200)).await;
    let service = before(&receiver).await;
    for _ in 0..2 {
        let asked = service.aidbox_login(HOOKED, None).await;
        asked.is_refused(400, "invalid_grant", REQUIRED);
    }
    assert_eq!(receiver.posts().len(), 1);
    let token = receiver.posts()[0].1["token"].as_str().unwrap().to_owned();
    let login = service.aidbox_login(HOOKED, Some(&token)).await;
    assert_eq!(login.status, 200, "{}", login.raw);
    // The next send must wait, because the cool-down belongs to the user.
    let asked = service.aidbox_login(HOOKED, None).await;
    insta::assert_snapshot!(asked.shown(), @r#"
    429 application/json no-store no-cache
    retry-after: 30
    {"error":"too_many_attempts","error_description":"A token was sent already. Please wait"}
    "#);
    service.advance(30);
    let asked = service.aidbox_login(HOOKED, None).await;
    insta::assert_snapshot!(asked.shown(), @r#"
    400 application/json no-store no-cache
    {"error":"invalid_grant","error_description":"2FA token is required"}
    "#);
}

#[tokio::test]
async fn a_code_of_five_minutes_ago_is_over() {
    let receiver = Receiver::start(Reply::Status(200)).await;
    let service = before(&receiver).await;
    service.aidbox_login(HOOKED, None).await;
    let token = receiver.posts()[0].1["token"].as_str().unwrap().to_owned();
    service.advance(300);
    let late = service.aidbox_login(HOOKED, Some(&token)).await;
    late.is_refused(400, "invalid_grant", "Wrong token");
}

#[tokio::test]
async fn one_user_gets_ten_posts_at_once_and_then_one_an_hour() {
    let receiver = Receiver::start(Reply::Status(200)).await;
    let service = before(&receiver).await;
    for _ in 0..10 {
        service.advance(31);
        let asked = service.aidbox_login(HOOKED, None).await;
        assert_eq!(asked.status, 400, "{}", asked.raw);
    }
    service.advance(310);
    let over = service.aidbox_login(HOOKED, None).await;
    insta::assert_snapshot!(over.shown(), @r#"
    429 application/json no-store no-cache
    retry-after: 3011
    {"error":"too_many_attempts","error_description":"Too many tokens were sent. Please wait"}
    "#);
    assert_eq!(receiver.posts().len(), 10);
    service.advance(3600);
    let asked = service.aidbox_login(HOOKED, None).await;
    assert_eq!(asked.status, 400, "{}", asked.raw);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let inside = Receiver::start(Reply::Status(200)).await;
    let receiver = Receiver::start(Reply::Redirect(inside.url.clone())).await;
    let service = before(&receiver).await;
    let (answer, lines) = logged(service.aidbox_login(HOOKED, None)).await;
    assert_eq!(answer.status, 503, "{}", answer.raw);
    assert_eq!((receiver.posts().len(), inside.posts().len()), (1, 0));
    assert!(format!("{lines:?}").contains("Status307"), "{lines:?}");
}

#[tokio::test]
async fn an_endpoint_that_never_answers_is_given_up_after_the_timeout() {
    let receiver = Receiver::start(Reply::Never).await;
    let [endpoint] = webhook(&receiver.url);
    let timeout = ("COUNTERSIGN_WEBHOOK_TIMEOUT_MILLISECONDS", "100");
    let service = Service::start_with(&[endpoint, timeout]).await;
    with_hooked_user(&service).await;
    let asked = logged(service.aidbox_login(HOOKED, None));
    let (answer, lines) = tokio::time::timeout(PATIENCE, asked).await.unwrap();
    assert_eq!(answer.status, 503, "{}", answer.raw);
    let said = format!("{lines:?}");
    let given_up = said.contains("DeadlineExceeded") || said.contains("ConnectTimedOut");
    assert!(given_up, "{said}");
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let receiver = Receiver::start(Reply::Endless).await;
    let [endpoint] = webhook(&receiver.url);
    let timeout = ("COUNTERSIGN_WEBHOOK_TIMEOUT_MILLISECONDS", "5000");
    let service = Service::start_with(&[endpoint, timeout]).await;
    with_hooked_user(&service).await;
    let asked = service.aidbox_login(HOOKED, None).await;
    asked.is_refused(400, "invalid_grant", REQUIRED);
}

#[tokio::test]
async fn no_webhook_is_no_transport() {
    let mut service = Service::start().await;
    service.take(service.restarted_with(&[("COUNTERSIGN_WEBHOOK_ENDPOINT", "")]));
    let access = service.aidbox_plain().await;
    let body = json!({ "transport": "phone" });
    let refused = service.two_factor("request", &access, &body).await;
    refused.is_refused(422, "unknown_transport", "Unknown 2FA transport");
    // A user with the webhook must still show a factor.
    with_hooked_user(&service).await;
    let asked = service.aidbox_login(HOOKED, None).await;
    assert_eq!(asked.status, 400, "{}", asked.raw);
}

#[tokio::test]
async fn a_transport_is_a_word() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    for transport in ["two words", "a/b", &"a".repeat(33)] {
        let body = json!({ "transport": transport });
        let refused = service.two_factor("request", &access, &body).await;
        assert_eq!(refused.status, 400, "{}", refused.raw);
    }
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn the_webhooks_user_is_asked_in_every_dialect() {
    let receiver = Receiver::start(Reply::Status(200)).await;
    let service = before(&receiver).await;
    let token = service.begin_as(HOOKED).await;
    let listed = service.get("/mfa/authenticators", Some(&token)).await;
    // Auth0's dialect shows the webhook as text messages, because most webhooks send
    // text messages.
    assert_eq!(listed.body[0]["oob_channel"], "sms", "{}", listed.raw);
    let sent = service.challenge(&token, "sms").await;
    insta::assert_snapshot!(sent.shown(), @r#"
    200 application/json no-store no-cache
    {"challenge_type":"oob","oob_code":"[opaque]","binding_method":"prompt"}
    "#);
    let code = receiver.posts()[0].1["token"].as_str().unwrap().to_owned();
    let tokens = service
        .redeem_oob(&token, &sent.text("oob_code"), &code)
        .await;
    insta::assert_snapshot!(tokens.shown(), @r#"
    200 application/json no-store no-cache
    {
      "access_token": "[jwt]",
      "scope": "read:sample enroll read:authenticators remove:authenticators",
      "expires_in": 3600,
      "token_type": "Bearer"
    }
    "#);
    let begun = service.sign_in(HOOKED, demo::PASSWORD_OF_ALL).await;
    assert_eq!(begun.error(), "invalid_grant: RequiresTwoFactor");
    let (user, token) = (begun.text("userId"), begun.text("twoFactorToken"));
    let path = format!("/api/account/two-factor-providers?userId={user}&token={token}");
    let listed = service.get(&path, None).await;
    assert_eq!(listed.body, json!(["Webhook"]));
    let body = json!({ "email": HOOKED, "password": demo::PASSWORD_OF_ALL });
    let codemaze = service.post_json("/api/accounts/login", &body).await;
    insta::assert_snapshot!(codemaze.shown(), @r#"
    401 application/json no-store no-cache
    {
      "isAuthSuccessful": false,
      "errorMessage": "Invalid 2-Step Verification Provider.",
      "token": null,
      "is2StepVerificationRequired": false,
      "provider": null
    }
    "#);
}

#[tokio::test]
async fn beside_a_stronger_factor_the_webhook_is_offered_by_policy_only() {
    let receiver = Receiver::start(Reply::Status(200)).await;
    let mut service = before(&receiver).await;
    let user = service.account(HOOKED).await.user.id;
    let phone = address_factor(Channel::Sms, demo::PHONE, true);
    service.add_factor(user, &phone).await;
    service.take(service.restarted_with(&[("COUNTERSIGN_AAL_POLICY", "prefer-aal2")]));
    let token = service.begin_as(HOOKED).await;
    let refused = service.challenge(&token, "webhook").await;
    insta::assert_snapshot!(refused.shown(), @r#"
    400 application/json no-store no-cache
    {
      "error": "unsupported_challenge_type",
      "error_description": "User does not have any authenticators of the given type."
    }
    "#);
    let asked = service.aidbox_login(HOOKED, None).await;
    assert_eq!(asked.status, 400, "{}", asked.raw);
    assert!(receiver.posts().is_empty());
    assert_eq!(service.messages()[0].channel, stand_in::Channel::Sms);
    let login = service
        .aidbox_login(HOOKED, Some(&service.newest_code()))
        .await;
    assert_eq!(login.claims("access_token")["acr"], "aal2");
}

#[tokio::test]
async fn a_user_of_the_webhook_turns_it_off_by_a_token_that_a_login_had_sent() {
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    service.webhook_on(&access).await;
    let early = service
        .messages()
        .into_iter()
        .find_map(|message| message.code);
    let early = json!({ "token": early });
    let refused = service.two_factor("disable", &access, &early).await;
    refused.is_refused(422, "wrong_token", "Wrong token");
    service.advance(30);
    service.aidbox_login(demo::PLAIN_USER, None).await;
    let body = json!({ "token": service.newest_code() });
    let done = service.two_factor("disable", &access, &body).await;
    insta::assert_snapshot!(done.shown(), @r"
    200 application/json no-store no-cache
    {}
    ");
    assert_eq!(
        service.aidbox_login(demo::PLAIN_USER, None).await.status,
        200
    );
}
