//! Refused requests to `/oauth/token` and `/mfa/challenge` in Auth0's exact
//! words: status, body and headers as the SDKs of Auth0 match them.

use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign_local::demo;
use serde_json::json;

use crate::harness::{Answer, Service};

const MALFORMED: &str = "Malformed mfa_token";

/// A password login of the plain user with some fields in place of the usual ones.
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
    for name in ["grant_type", "client_id", "username", "password"] {
        let answer = login_with(&service, &[(name, "")]).await;
        let description = format!("Missing required parameter: {name}");
        answer.is_refused(400, "invalid_request", &description);
    }
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
    for grant in [
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
        "PASSWORD",
        "mfa-otp",
        "http://auth0.com/oauth/grant-type/passwordless/otp",
    ] {
        let answer = login_with(&service, &[("grant_type", grant)]).await;
        answer.is_refused(400, "unsupported_grant_type", "Unsupported grant type.");
    }
}

#[tokio::test]
async fn a_client_that_does_not_prove_itself_is_rejected() {
    let service = Service::start().await;
    let long = "x".repeat(257);
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
        let answer = login_with(&service, &credentials).await;
        answer.is_refused(401, "invalid_client", "Client authentication failed.");
        // SDKs that meet a challenge do not read the body, so there is one
        // only where the credentials came in the header.
        assert_eq!(answer.header("www-authenticate"), None);
    }
}

#[tokio::test]
async fn wrong_basic_credentials_are_rejected_with_a_challenge() {
    let service = Service::start().await;
    for (credentials, status, error) in [
        (
            format!("Basic {}", STANDARD.encode("demo-server:wrong")),
            401,
            "invalid_client",
        ),
        ("Basic %%%".to_owned(), 401, "invalid_client"),
        // The client named twice (RFC 6749 2.3).
        (
            format!("Basic {}", STANDARD.encode("demo-server:demo-secret")),
            400,
            "invalid_request",
        ),
    ] {
        let request = Request::post("/oauth/token")
            .header(header::AUTHORIZATION, credentials)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = match status {
            401 => "grant_type=password&username=a&password=b",
            _ => "grant_type=password&username=a&password=b&client_id=demo",
        };
        let answer = service.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!((answer.status, &*answer.text("error")), (status, error));
        let challenge = (status == 401).then_some("Basic realm=\"token\"");
        assert_eq!(answer.header("www-authenticate"), challenge);
    }
}

#[tokio::test]
async fn what_a_client_may_not_do_is_refused_before_the_password_is_looked_at() {
    let service = Service::start().await;
    service
        .add_client("narrow", |client| client.grants = vec!["password".into()])
        .await;
    let wrong = ("password", "wrong-password");
    let grant = "http://auth0.com/oauth/grant-type/password-realm";
    let changes = [("client_id", "narrow"), ("grant_type", grant), wrong];
    login_with(&service, &changes).await.is_refused(
        403,
        "unauthorized_client",
        "Grant type not allowed for the client.",
    );
    for scope in ["openid admin", "READ:SAMPLE", "read:sample\u{0}"] {
        login_with(&service, &[("scope", scope), wrong])
            .await
            .is_refused(
                400,
                "invalid_scope",
                "The client may not ask for one of these scopes.",
            );
    }
    for audience in ["https://someapi.com/api/", "https://other.example/"] {
        login_with(&service, &[("audience", audience), wrong])
            .await
            .is_refused(
                403,
                "access_denied",
                "The client may not ask for this audience.",
            );
    }
    // None of them was charged: ten wrong passwords are still compared.
    for _ in 0..10 {
        let answer = login_with(&service, &[wrong]).await;
        answer.is_refused(403, "invalid_grant", "Wrong email or password.");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_refused_in_the_same_words() {
    let service = Service::start().await;
    for (name, password) in [
        (demo::USER, "wrong-password"),
        (demo::USER, "pwd "),
        (demo::USER, "PWD"),
        ("nobody@example.com", demo::PASSWORD_OF_ALL),
    ] {
        let answer = login_with(&service, &[("username", name), ("password", password)]).await;
        answer.is_refused(403, "invalid_grant", "Wrong email or password.");
        assert_eq!(answer.header("www-authenticate"), None);
    }
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
    right.is_refused(403, "unauthorized", "user is blocked");
}

#[tokio::test]
async fn an_mfa_token_that_is_not_ours_is_malformed() {
    let service = Service::start().await;
    let token = service.begin().await;
    let oob = service.challenge(&token, "email").await.text("oob_code");
    let mut changed = token.clone().into_bytes();
    changed[40] = if changed[40] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    for bad in [
        "nonsense-token",
        "Fe26.2**not-ours",
        &*changed,
        &token[..token.len() - 1],
        &*format!("{token}A"),
        &*format!("{token}="),
        // A token of another kind.
        &*oob,
        &*"A".repeat(10_000),
    ] {
        let answer = service.redeem_otp(bad, "123456").await;
        answer.is_refused(403, "invalid_grant", MALFORMED);
        let answer = service.challenge(bad, "sms").await;
        answer.is_refused(403, "invalid_grant", MALFORMED);
        let answer = service.verify(bad, "123456").await;
        answer.is_refused(403, "invalid_grant", MALFORMED);
        let answer = service.get("/mfa/authenticators", Some(bad)).await;
        let description = "The access token is invalid or expired.";
        answer.is_refused(401, "invalid_token", description);
    }
}

#[tokio::test]
async fn an_mfa_token_of_another_client_is_malformed_and_charges_nothing() {
    let service = Service::start().await;
    service.add_client("stranger", |_| {}).await;
    let token = service.begin().await;
    for _ in 0..12 {
        let fields = [
            ("grant_type", "http://auth0.com/oauth/grant-type/mfa-otp"),
            ("client_id", "stranger"),
            ("mfa_token", &*token),
            ("otp", &*service.totp()),
        ];
        let answer = service.post_form("/oauth/token", &fields).await;
        answer.is_refused(403, "invalid_grant", MALFORMED);
    }
    let body = json!({ "client_id": "stranger", "mfa_token": token, "challenge_type": "oob" });
    let answer = service.post_json("/mfa/challenge", &body).await;
    answer.is_refused(403, "invalid_grant", MALFORMED);
    assert_eq!(service.messages(), []);
    let owner = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
}

#[tokio::test]
async fn an_mfa_token_expires_after_ten_minutes_everywhere() {
    let service = Service::start().await;
    let (token, other) = (service.begin().await, service.begin().await);
    service.advance(599);
    let in_time = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(in_time.status, 200, "{}", in_time.raw);
    service.advance(1);
    for answer in [
        service.redeem_otp(&other, &service.totp()).await,
        service.redeem_recovery(&other, demo::RECOVERY_CODE).await,
        service.challenge(&other, "sms").await,
        service.verify(&other, &service.totp()).await,
        service.get("/mfa/authenticators", Some(&other)).await,
        // Completed ones end in the same words.
        service.redeem_otp(&token, &service.totp()).await,
    ] {
        answer.is_refused(401, "expired_token", "mfa_token is expired");
    }
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
    for code in [wrong, "12345", "1234567", "abcdef", "１２３４５６", "-"] {
        let answer = service.redeem_otp(&token, code).await;
        answer.is_refused(403, "invalid_grant", "Invalid otp_code.");
    }
    for channel in ["sms", "email"] {
        let oob = service.challenge(&token, channel).await.text("oob_code");
        let wrong = if service.newest_code() == "000000" {
            "111111"
        } else {
            "000000"
        };
        let answer = service.redeem_oob(&token, &oob, wrong).await;
        answer.is_refused(403, "invalid_grant", "Invalid binding_code.");
    }
    let answer = service
        .redeem_recovery(&token, "AAAAAAAAAAAAAAAAAAAAAAAA")
        .await;
    answer.is_refused(403, "invalid_grant", "MFA Authorization rejected.");
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
    answer.is_refused(
        429,
        "too_many_attempts",
        "Your account has been blocked after multiple consecutive login attempts. Please wait.",
    );
    assert_eq!(answer.number_header("retry-after"), 260);
    assert_eq!(answer.number_header("x-ratelimit-limit"), 10);
    assert_eq!(answer.number_header("x-ratelimit-remaining"), 0);
    assert_eq!(
        answer.number_header("x-ratelimit-reset"),
        service.now() + 260
    );
}
