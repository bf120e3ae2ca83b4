//! Refused requests to `/oauth/token` and `/mfa/challenge` in Auth0's exact words:
//! status, body and headers as Auth0's SDKs compare them.

use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::domain::authorization::grant::{Grant, Grants};
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::harness::{Answer, Service, alike, in_turn};

/// A password login of the plain user, with some fields changed.
async fn login_with(service: &Service, changes: &[(&str, &str)]) -> Answer {
    let usual = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    let changed = |name: &str| changes.iter().any(|(other, _)| *other == name);
    let kept = usual.into_iter().filter(|(name, _)| !changed(name));
    let fields: Vec<(&str, &str)> = kept.chain(changes.iter().copied()).collect();
    service.post_form("/oauth/token", &fields).await
}

#[tokio::test]
async fn a_missing_parameter_is_named() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for name in ["grant_type", "client_id", "username", "password"] {
        answers.push(login_with(&service, &[(name, "")]).await);
    }
    assert_snapshot!(in_turn(&answers), @r#"
    400 application/json no-store no-cache
    {"error":"invalid_request","error_description":"Missing required parameter: grant_type"}

    400 application/json no-store no-cache
    {"error":"invalid_request","error_description":"Missing required parameter: client_id"}

    400 application/json no-store no-cache
    {"error":"invalid_request","error_description":"Missing required parameter: username"}

    400 application/json no-store no-cache
    {"error":"invalid_request","error_description":"Missing required parameter: password"}
    "#);
    let token = service.begin().await;
    let oob = service.challenge(&token, "email").await.text("oob_code");
    let code = service.newest_code();
    for (grant, fields, missing) in [
        ("mfa-otp", vec![("otp", "123456")], "mfa_token"),
        ("mfa-otp", vec![("mfa_token", &*token)], "otp"),
        ("mfa-oob", vec![("mfa_token", &*token)], "binding_code"),
        (
            "mfa-oob",
            vec![("mfa_token", &*token), ("oob_code", &*oob)],
            "binding_code",
        ),
        (
            "mfa-oob",
            vec![("mfa_token", &*token), ("binding_code", &*code)],
            "oob_code",
        ),
        (
            "mfa-recovery-code",
            vec![("mfa_token", &*token)],
            "recovery_code",
        ),
    ] {
        let answer = service.grant(grant, &fields).await;
        let description = format!("Missing required parameter: {missing}");
        answer.is_refused(400, "invalid_request", &description);
    }
    let fields = [("grant_type", "refresh_token"), ("client_id", demo::CLIENT)];
    let answer = service.post_form("/oauth/token", &fields).await;
    let description = "Missing required parameter: refresh_token";
    answer.is_refused(400, "invalid_request", description);
    let answer = service.post_json("/mfa/challenge", &json!({})).await;
    let description = "Missing required parameter: mfa_token";
    answer.is_refused(400, "invalid_request", description);
}

#[tokio::test]
async fn a_grant_type_that_is_none_of_ours_is_unsupported() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for grant in [
        "urn:ietf:params:oauth:grant-type:device_code",
        "PASSWORD",
        "mfa-otp",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ] {
        answers.push(login_with(&service, &[("grant_type", grant)]).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    400 application/json no-store no-cache
    {"error":"unsupported_grant_type","error_description":"Unsupported grant type."}
    "#);
}

#[tokio::test]
async fn a_client_that_does_not_prove_itself_is_rejected() {
    let service = Service::start().await;
    let long = "x".repeat(257);
    let mut answers = Vec::new();
    for credentials in [
        vec![("client_id", "nobody-knows-it")],
        vec![("client_id", &*long)],
        vec![("client_id", demo::SERVER_CLIENT)],
        vec![
            ("client_id", demo::SERVER_CLIENT),
            ("client_secret", "not-the-secret"),
        ],
        vec![
            ("client_id", demo::SERVER_CLIENT),
            ("client_secret", "demo-secret "),
        ],
        // A secret where none belongs.
        vec![
            ("client_id", demo::CLIENT),
            ("client_secret", "any-secret-at-all"),
        ],
    ] {
        answers.push(login_with(&service, &credentials).await);
    }
    // SDKs that see a challenge do not read the body. So `WWW-Authenticate` is sent
    // only if the credentials came in the header.
    assert_snapshot!(alike(&answers), @r#"
    401 application/json no-store no-cache
    {"error":"invalid_client","error_description":"Client authentication failed."}
    "#);
}

#[tokio::test]
async fn wrong_basic_credentials_are_rejected_with_a_challenge() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for (credentials, status) in [
        (
            format!("Basic {}", STANDARD.encode("demo-server:wrong")),
            401,
        ),
        ("Basic %%%".to_owned(), 401),
        // The client named twice (RFC 6749 2.3).
        (
            format!("Basic {}", STANDARD.encode("demo-server:demo-secret")),
            400,
        ),
    ] {
        let request = Request::post("/oauth/token")
            .header(header::AUTHORIZATION, credentials)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = match status {
            401 => "grant_type=password&username=a&password=b",
            _ => "grant_type=password&username=a&password=b&client_id=demo",
        };
        answers.push(service.send(request.body(Body::from(body)).unwrap()).await);
    }
    assert_snapshot!(in_turn(&answers), @r#"
    401 application/json no-store no-cache
    www-authenticate: Basic realm="token"
    {"error":"invalid_client","error_description":"Client authentication failed."}

    401 application/json no-store no-cache
    www-authenticate: Basic realm="token"
    {"error":"invalid_client","error_description":"Client authentication failed."}

    400 application/json no-store no-cache
    {"error":"invalid_request","error_description":"the client is named twice"}
    "#);
}

#[tokio::test]
async fn what_a_client_may_not_do_is_refused_before_the_password_is_looked_at() {
    let service = Service::start().await;
    service
        .add_client("narrow", |client| {
            client.grants = Grants::from([Grant::Password])
        })
        .await;
    let wrong = ("password", "wrong-password");
    let grant = "http://auth0.com/oauth/grant-type/password-realm";
    let changes = [("client_id", "narrow"), ("grant_type", grant), wrong];
    assert_snapshot!(login_with(&service, &changes).await.shown(), @r#"
    403 application/json no-store no-cache
    {"error":"unauthorized_client","error_description":"Grant type not allowed for the client."}
    "#);
    let mut answers = Vec::new();
    for scope in ["openid admin", "READ:SAMPLE", "read:sample\u{0}"] {
        answers.push(login_with(&service, &[("scope", scope), wrong]).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    400 application/json no-store no-cache
    {"error":"invalid_scope","error_description":"The client may not ask for one of these scopes."}
    "#);
    let mut answers = Vec::new();
    for audience in ["https://someapi.com/api/", "https://other.example/"] {
        answers.push(login_with(&service, &[("audience", audience), wrong]).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    403 application/json no-store no-cache
    {"error":"access_denied","error_description":"The client may not ask for this audience."}
    "#);
    // No guess was charged: ten wrong passwords are still compared.
    for _ in 0..10 {
        let answer = login_with(&service, &[wrong]).await;
        answer.is_refused(403, "invalid_grant", "Wrong email or password.");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_refused_in_the_same_words() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for (name, password) in [
        (demo::USER, "wrong-password"),
        (demo::USER, "pwd "),
        (demo::USER, "PWD"),
        ("nobody@example.com", demo::PASSWORD_OF_ALL),
    ] {
        let fields = [("username", name), ("password", password)];
        answers.push(login_with(&service, &fields).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    403 application/json no-store no-cache
    {"error":"invalid_grant","error_description":"Wrong email or password."}
    "#);
}

#[tokio::test]
async fn an_inactive_user_is_told_so_only_after_the_right_password() {
    let service = Service::start().await;
    let inactive = aws_sdk_dynamodb::types::AttributeValue::Bool(false);
    service
        .set_profile(demo::PLAIN_USER, "active", inactive)
        .await;
    let wrong = login_with(&service, &[("password", "wrong-password")]).await;
    wrong.is_refused(403, "invalid_grant", "Wrong email or password.");
    let right = login_with(&service, &[]).await;
    assert_snapshot!(right.shown(), @r#"
    403 application/json no-store no-cache
    {"error":"unauthorized","error_description":"user is blocked"}
    "#);
}

#[tokio::test]
async fn a_wrong_code_is_refused_in_the_words_of_its_factor() {
    let service = Service::start().await;
    let token = service.begin().await;
    let wrong = if service.totp() == "000000" {
        "111111"
    } else {
        "000000"
    };
    let mut answers = Vec::new();
    for code in [wrong, "12345", "1234567", "abcdef", "１２３４５６", "-"] {
        answers.push(service.redeem_otp(&token, code).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    403 application/json no-store no-cache
    {"error":"invalid_grant","error_description":"Invalid otp_code."}
    "#);
    let mut answers = Vec::new();
    for channel in ["sms", "email"] {
        let oob = service.challenge(&token, channel).await.text("oob_code");
        let wrong = if service.newest_code() == "000000" {
            "111111"
        } else {
            "000000"
        };
        answers.push(service.redeem_oob(&token, &oob, wrong).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    403 application/json no-store no-cache
    {"error":"invalid_grant","error_description":"Invalid binding_code."}
    "#);
    let answer = service
        .redeem_recovery(&token, "AAAAAAAAAAAAAAAAAAAAAAAA")
        .await;
    assert_snapshot!(answer.shown(), @r#"
    403 application/json no-store no-cache
    {"error":"invalid_grant","error_description":"MFA Authorization rejected."}
    "#);
}

#[tokio::test]
async fn the_eleventh_wrong_code_is_answered_429_with_every_header_that_sdks_read() {
    let service = Service::start().await;
    let token = service.begin().await;
    for _ in 0..10 {
        let answer = service.redeem_otp(&token, "000000").await;
        answer.is_refused(403, "invalid_grant", "Invalid otp_code.");
    }
    service.advance(100);
    let answer = service.redeem_otp(&token, &service.totp()).await;
    assert_snapshot!(answer.shown(), @r#"
    429 application/json no-store no-cache
    retry-after: 260
    x-ratelimit-limit: 10
    x-ratelimit-remaining: 0
    x-ratelimit-reset: 1800000360
    {
      "error": "too_many_attempts",
      "error_description": "Your account has been blocked after multiple consecutive login attempts. Please wait."
    }
    "#);
    assert_eq!(
        answer.number_header("x-ratelimit-reset"),
        service.now() + 260
    );
}
