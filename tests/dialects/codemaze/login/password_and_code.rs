//! CodeMaze's two steps: the password sends a code, and the code completes the login.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::domain::factors::factor::Channel;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::harness::{Answer, Service, address_factor, alike, totp_factor};

pub const NAME: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name";

pub const ROLE: &str = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role";

pub async fn login(service: &Service, email: &str, password: &str) -> Answer {
    let body = json!({
        "email": email,
        "password": password,
        "clientURI": "http://localhost:4200/authentication/forgotpassword",
    });
    service.post_json("/api/accounts/login", &body).await
}

pub async fn second_step(service: &Service, email: &str, code: &str) -> Answer {
    let body = json!({ "email": email, "provider": "Email", "token": code });
    service
        .post_json("/api/accounts/twostepverification", &body)
        .await
}

/// Begins the demo user's login. Returns the code that was sent.
pub async fn begin(service: &Service) -> String {
    let answer = login(service, demo::USER, demo::PASSWORD_OF_ALL).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    service.newest_code()
}

pub fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

pub fn is_wrong_code(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.raw.as_str()),
        (400, "Invalid Token Verification")
    );
    let kind = answer.header("content-type").unwrap();
    assert!(kind.starts_with("text/plain"), "{kind}");
}

#[tokio::test]
async fn the_password_has_a_code_sent_and_the_code_gives_the_token() {
    let service = Service::start().await;
    let answer = login(&service, demo::USER, demo::PASSWORD_OF_ALL).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "isAuthSuccessful": false,
      "errorMessage": null,
      "token": null,
      "is2StepVerificationRequired": true,
      "provider": "Email"
    }
    "#);
    let message = service.messages().remove(0);
    assert_eq!(message.to, demo::USER);
    assert_eq!(message.subject.as_deref(), Some("Authentication token"));
    assert_eq!(message.text.trim(), message.code.clone().unwrap());
    let code = message.code.unwrap();
    let answer = second_step(&service, demo::USER, &code).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "isAuthSuccessful": true,
      "errorMessage": null,
      "token": "[jwt]",
      "is2StepVerificationRequired": false,
      "provider": null
    }
    "#);
    let claims = claims(&answer.text("token"));
    assert_eq!(claims[NAME], demo::USER);
    assert_eq!(claims.get(ROLE), None);
    assert_eq!(claims["aud"], demo::CODEMAZE_AUDIENCE);
    assert_eq!(claims["acr"], "aal1");
}

#[tokio::test]
async fn a_user_without_a_second_factor_gets_the_token_at_once() {
    let service = Service::start().await;
    let answer = login(&service, demo::PLAIN_USER, demo::PASSWORD_OF_ALL).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "isAuthSuccessful": true,
      "errorMessage": null,
      "token": "[jwt]",
      "is2StepVerificationRequired": false,
      "provider": null
    }
    "#);
    assert_eq!(claims(&answer.text("token"))[NAME], demo::PLAIN_USER);
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn one_role_is_a_string_and_several_are_an_array() {
    let service = Service::start().await;
    for (roles, claim) in [
        (vec!["Administrator"], json!("Administrator")),
        (
            vec!["Administrator", "Viewer"],
            json!(["Administrator", "Viewer"]),
        ),
    ] {
        let email = format!("{}@example.com", roles.len());
        let give = |account: &mut countersign::domain::accounts::user::Account| {
            account.user.two_factor = false;
            account.user.roles = roles.iter().map(|role| (*role).to_owned()).collect();
        };
        service.add_user(&email, give).await;
        let answer = login(&service, &email, demo::PASSWORD_OF_ALL).await;
        assert_eq!(claims(&answer.text("token"))[ROLE], claim);
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_refused_alike() {
    let service = Service::start().await;
    let wrong = login(&service, demo::USER, "wrong").await;
    let unknown = login(&service, "nobody@example.com", "wrong").await;
    assert_snapshot!(alike(&[wrong, unknown]), @r#"
    401 application/json no-store no-cache
    {
      "isAuthSuccessful": false,
      "errorMessage": "Invalid Authentication",
      "token": null,
      "is2StepVerificationRequired": false,
      "provider": null
    }
    "#);
}

#[tokio::test]
async fn a_locked_account_is_refused_with_the_right_password_too() {
    let service = Service::start().await;
    for _ in 0..10 {
        login(&service, demo::USER, "wrong").await;
    }
    let answer = login(&service, demo::USER, demo::PASSWORD_OF_ALL).await;
    assert_snapshot!(answer.shown(), @r#"
    401 application/json no-store no-cache
    retry-after: 900
    {
      "isAuthSuccessful": false,
      "errorMessage": "The account is locked out",
      "token": null,
      "is2StepVerificationRequired": false,
      "provider": null
    }
    "#);
    assert!(service.messages().iter().all(|one| one.code.is_none()));
}

#[tokio::test]
async fn a_user_with_an_app_only_is_asked_for_its_code() {
    let service = Service::start().await;
    let user = service.add_user("none@example.com", |_| {}).await;
    let app = totp_factor(&service.app, user, demo::SEED, true).await;
    service.add_factor(user, &app).await;
    let answer = login(&service, "none@example.com", demo::PASSWORD_OF_ALL).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "isAuthSuccessful": false,
      "errorMessage": null,
      "token": null,
      "is2StepVerificationRequired": true,
      "provider": "Authenticator"
    }
    "#);
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn a_user_with_a_phone_only_has_no_provider() {
    let service = Service::start().await;
    let user = service.add_user("none@example.com", |_| {}).await;
    let phone = address_factor(Channel::Sms, "+15555550166", true);
    service.add_factor(user, &phone).await;
    let answer = login(&service, "none@example.com", demo::PASSWORD_OF_ALL).await;
    assert_snapshot!(answer.shown(), @r#"
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
async fn every_missing_field_is_named_in_problem_json() {
    let service = Service::start().await;
    let answer = service.post_json("/api/accounts/login", &json!({})).await;
    assert_snapshot!(answer.shown(), @r#"
    400 application/problem+json; charset=utf-8 no-store no-cache
    {
      "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
      "title": "One or more validation errors occurred.",
      "status": 400,
      "errors": {"Email":["Email is required."],"Password":["Password is required."]}
    }
    "#);
    let body = json!({ "email": demo::USER });
    let path = "/api/accounts/twostepverification";
    let answer = service.post_json(path, &body).await;
    assert_snapshot!(answer.shown(), @r#"
    400 application/problem+json; charset=utf-8 no-store no-cache
    {
      "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
      "title": "One or more validation errors occurred.",
      "status": 400,
      "errors": {"Provider":["Provider is required."],"Token":["Token is required."]}
    }
    "#);
}

#[tokio::test]
async fn a_code_without_a_password_step_of_its_own_is_refused_whoever_is_named() {
    let service = Service::start().await;
    let refused = [
        second_step(&service, demo::USER, "123456").await,
        second_step(&service, "nobody@example.com", "123456").await,
    ];
    assert_snapshot!(alike(&refused), @r"
    400 text/plain; charset=utf-8 no-store no-cache
    Invalid Token Verification
    ");
    // A code of another dialect's login, which the same mailbox got.
    let token = service.begin().await;
    service.challenge(&token, "email").await;
    is_wrong_code(&second_step(&service, demo::USER, &service.newest_code()).await);
}

#[tokio::test]
async fn a_code_completes_the_login_of_its_own_user_once() {
    let service = Service::start().await;
    let code = begin(&service).await;
    is_wrong_code(&second_step(&service, demo::ABP_EMAIL, &code).await);
    assert_eq!(second_step(&service, demo::USER, &code).await.status, 200);
    is_wrong_code(&second_step(&service, demo::USER, &code).await);
}

#[tokio::test]
async fn a_code_is_over_after_five_minutes_and_another_provider_has_none() {
    let service = Service::start().await;
    let code = begin(&service).await;
    let body = json!({ "email": demo::USER, "provider": "Phone", "token": code });
    let answer = service
        .post_json("/api/accounts/twostepverification", &body)
        .await;
    is_wrong_code(&answer);
    service.advance(301);
    is_wrong_code(&second_step(&service, demo::USER, &code).await);
}

#[tokio::test]
async fn signing_in_again_within_half_a_minute_sends_no_second_code_and_the_first_is_good() {
    let service = Service::start().await;
    let code = begin(&service).await;
    for _ in 0..3 {
        let again = login(&service, demo::USER, demo::PASSWORD_OF_ALL).await;
        assert_eq!(
            again.body["is2StepVerificationRequired"], true,
            "{}",
            again.raw
        );
    }
    assert_eq!(service.messages().len(), 1);
    assert_eq!(second_step(&service, demo::USER, &code).await.status, 200);
    // This code is consumed, and the next code can only be sent later.
    let again = login(&service, demo::USER, demo::PASSWORD_OF_ALL).await;
    assert_snapshot!(again.shown(), @r#"
    429 application/json no-store no-cache
    retry-after: 30
    {
      "isAuthSuccessful": false,
      "errorMessage": "A code was sent already. Please wait a while and try again.",
      "token": null,
      "is2StepVerificationRequired": false,
      "provider": null
    }
    "#);
    service.advance(30);
    let code = begin(&service).await;
    assert_eq!(second_step(&service, demo::USER, &code).await.status, 200);
}

#[tokio::test]
async fn a_user_whose_email_is_not_confirmed_is_told_after_the_right_password_only() {
    let service = Service::start().await;
    let no = aws_sdk_dynamodb::types::AttributeValue::Bool(false);
    service
        .set_profile(demo::PLAIN_USER, "email_confirmed", no)
        .await;
    let wrong = login(&service, demo::PLAIN_USER, "wrong").await;
    assert_eq!(wrong.body["errorMessage"], "Invalid Authentication");
    let right = login(&service, demo::PLAIN_USER, demo::PASSWORD_OF_ALL).await;
    assert_snapshot!(right.shown(), @r#"
    401 application/json no-store no-cache
    {
      "isAuthSuccessful": false,
      "errorMessage": "Email is not confirmed",
      "token": null,
      "is2StepVerificationRequired": false,
      "provider": null
    }
    "#);
}
