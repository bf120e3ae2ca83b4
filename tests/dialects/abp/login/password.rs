//! Whole logins of the demo user in ABP's dialect, and the three ways to complete a
//! login.

use axum::body::Body;
use axum::http::{Method, Request, header};
use countersign::domain::factors::totp::Seed;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::harness::{Answer, Service, alike, in_turn};

/// The member of a refused grant that OpenIddict adds.
const ERROR_URI: &str = "https://documentation.openiddict.com/errors/ID2024";

/// `POST /connect/token` with the password, and these fields beside it.
pub async fn connect(service: &Service, beside: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("grant_type", "password"),
        ("scope", "offline_access AbpSolution1"),
        ("client_id", demo::ABP_CLIENT),
        ("username", demo::ABP_USER),
        ("password", demo::ABP_PASSWORD),
    ];
    fields.extend_from_slice(beside);
    service.post_form("/connect/token", &fields).await
}

/// A pending login: its `userId` and `twoFactorToken`.
pub async fn begin(service: &Service) -> (String, String) {
    let answer = connect(service, &[]).await;
    assert_eq!(answer.status, 400, "{}", answer.raw);
    (answer.text("userId"), answer.text("twoFactorToken"))
}

/// `POST /api/account/send-two-factor-code`.
pub async fn send(service: &Service, user: &str, token: &str, provider: &str) -> Answer {
    let body = json!({ "token": token, "userid": user, "provider": provider });
    service
        .post_json("/api/account/send-two-factor-code", &body)
        .await
}

/// `POST /api/two-factor-token/verify-two-factor-code`.
pub async fn verify(
    service: &Service,
    user: &str,
    token: Option<&str>,
    provider: &str,
    code: &str,
) -> Answer {
    let mut body = json!({ "userId": user, "provider": provider, "code": code });
    if let Some(token) = token {
        body["token"] = json!(token);
    }
    service
        .post_json("/api/two-factor-token/verify-two-factor-code", &body)
        .await
}

/// Way (2) without the password: the token alone.
pub async fn by_token(service: &Service, token: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("twoFactorToken", token),
    ];
    service.post_form("/connect/token", &fields).await
}

/// What the demo user's authenticator app shows now.
pub fn totp(service: &Service) -> String {
    let seed = Seed::from_base32(demo::ABP_SEED).unwrap();
    let code = seed
        .code(u64::try_from(service.now() / 30).unwrap())
        .expose()
        .to_owned();
    service.watch_secret(&code);
    code
}

/// Checks a refused grant.
pub fn is_refused(answer: &Answer, description: &str) {
    let expected = json!({
        "error": "invalid_grant",
        "error_description": description,
        "error_uri": ERROR_URI,
    });
    assert_eq!((answer.status, &answer.body), (400, &expected));
}

#[tokio::test]
async fn the_steps_that_abp_documents_give_tokens() {
    let service = Service::start().await;
    let answer = connect(&service, &[]).await;
    assert_snapshot!(answer.shown(), @r#"
    400 application/json no-store no-cache
    {
      "error": "invalid_grant",
      "error_description": "RequiresTwoFactor",
      "error_uri": "https://documentation.openiddict.com/errors/ID2024",
      "userId": "[id]",
      "twoFactorToken": "[opaque]"
    }
    "#);
    let (user, token) = (answer.text("userId"), answer.text("twoFactorToken"));
    assert!(!user.contains('-'), "{user}");
    assert!(service.messages().is_empty(), "no code is sent yet");
    let sent = send(&service, &user, &token, "Email").await;
    assert_snapshot!(sent.shown(), @"204 no-store no-cache");
    let code = service.newest_code();
    let beside = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    let answer = connect(&service, &beside).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "access_token": "[jwt]",
      "scope": "offline_access AbpSolution1",
      "expires_in": 3600,
      "token_type": "Bearer",
      "refresh_token": "[opaque]"
    }
    "#);
    let claims = answer.claims("access_token");
    let account = "https://localhost:8788/api/account/";
    assert_eq!(claims["aud"], serde_json::json!(["AbpSolution1", account]));
    assert_eq!(claims["preferred_username"], "admin");
    assert_eq!(claims["role"], "admin");
}

#[tokio::test]
async fn each_provider_completes_a_login_without_verifying_first() {
    let service = Service::start().await;
    for (provider, sends) in [("Email", true), ("Phone", true), ("Authenticator", false)] {
        let (user, token) = begin(&service).await;
        let sent = send(&service, &user, &token, provider).await;
        assert_eq!(sent.status, 204, "{}", sent.raw);
        let code = if sends {
            service.newest_code()
        } else {
            totp(&service)
        };
        let beside = [
            ("TwoFactorProvider", provider),
            ("TwoFactorCode", code.as_str()),
        ];
        let answer = connect(&service, &beside).await;
        assert_eq!(answer.status, 200, "{provider}: {}", answer.raw);
    }
}

#[tokio::test]
async fn an_authenticator_code_may_come_with_the_first_request() {
    let service = Service::start().await;
    let code = totp(&service);
    let beside = [
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", code.as_str()),
    ];
    assert_eq!(connect(&service, &beside).await.status, 200);
    assert_snapshot!(connect(&service, &beside).await.shown(), @r#"
    400 application/json no-store no-cache
    {
      "error": "invalid_grant",
      "error_description": "Invalid authenticator code!",
      "error_uri": "https://documentation.openiddict.com/errors/ID2024"
    }
    "#);
}

#[tokio::test]
async fn after_a_verify_with_the_token_the_token_alone_completes_the_login_once() {
    let service = Service::start().await;
    let (user, token) = begin(&service).await;
    send(&service, &user, &token, "Email").await;
    let code = service.newest_code();
    let verified = verify(&service, &user, Some(&token), "Email", &code).await;
    assert_snapshot!(verified.shown(), @r"
    200 application/json no-store no-cache
    true
    ");
    let again = verify(&service, &user, Some(&token), "Email", &code).await;
    assert_eq!(again.raw, "true", "the same verify answers yes again");
    assert_eq!(by_token(&service, &token).await.status, 200);
    let sentence = "The two-factor login has expired. Sign in again.";
    is_refused(&by_token(&service, &token).await, sentence);
}

#[tokio::test]
async fn after_a_verify_the_password_with_the_token_completes_the_login() {
    let service = Service::start().await;
    for name in ["twoFactorToken", "TwoFactorToken"] {
        let (user, token) = begin(&service).await;
        send(&service, &user, &token, "Phone").await;
        verify(
            &service,
            &user,
            Some(&token),
            "Phone",
            &service.newest_code(),
        )
        .await;
        assert_eq!(connect(&service, &[(name, &token)]).await.status, 200);
        service.advance(30);
    }
}

#[tokio::test]
async fn after_any_verify_the_password_with_the_same_code_completes_the_login() {
    let service = Service::start().await;
    for with_token in [true, false] {
        for provider in ["Email", "Authenticator"] {
            service.advance(30);
            let (user, token) = begin(&service).await;
            send(&service, &user, &token, provider).await;
            let app = provider == "Authenticator";
            let code = if app {
                totp(&service)
            } else {
                service.newest_code()
            };
            let carried = with_token.then_some(token.as_str());
            let verified = verify(&service, &user, carried, provider, &code).await;
            assert_eq!(verified.raw, "true", "{provider} {with_token}");
            let beside = [
                ("TwoFactorProvider", provider),
                ("TwoFactorCode", code.as_str()),
            ];
            let answer = connect(&service, &beside).await;
            assert_eq!(
                answer.status, 200,
                "{provider} {with_token}: {}",
                answer.raw
            );
            let again = connect(&service, &beside).await;
            is_refused(&again, "Invalid authenticator code!");
        }
    }
}

#[tokio::test]
async fn names_are_read_in_any_case_and_ids_in_both_forms() {
    let service = Service::start().await;
    let (user, token) = begin(&service).await;
    let dashed = uuid::Uuid::parse_str(&user)
        .unwrap()
        .hyphenated()
        .to_string();
    let mut answers = Vec::new();
    for (name, id) in [
        ("userid", &user),
        ("UserId", &dashed),
        ("USERID", &user.to_uppercase()),
    ] {
        let path = format!("/api/account/two-factor-providers?{name}={id}&Token={token}");
        answers.push(service.get(&path, None).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    200 application/json no-store no-cache
    ["Email","Phone","Authenticator"]
    "#);
    let body = json!({ "USERID": dashed, "Provider": "email", "TOKEN": token });
    let answer = service
        .post_json("/api/account/send-two-factor-code", &body)
        .await;
    assert_eq!(answer.status, 204, "{}", answer.raw);
}

#[tokio::test]
async fn every_other_grant_is_taken_too_and_answered_in_abps_words() {
    let service = Service::start().await;
    let (_, token) = begin(&service).await;
    let grant = |name: &str| format!("http://auth0.com/oauth/grant-type/{name}");
    let (otp, wrong) = (grant("mfa-otp"), grant("mfa-recovery-code"));
    let fields = |grant, name, code| {
        [
            ("grant_type", grant),
            ("client_id", demo::ABP_CLIENT),
            ("mfa_token", &*token),
            (name, code),
        ]
    };
    let recovery = fields(&*wrong, "recovery_code", "ABCDEFGHIJKLMNOPQRSTUVWX");
    let answer = service.post_form("/connect/token", &recovery).await;
    is_refused(&answer, "Invalid recovery code!");
    let code = totp(&service);
    let answer = service
        .post_form("/connect/token", &fields(&*otp, "otp", &*code))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn a_refresh_rotates_and_its_refusals_have_openiddicts_sentences() {
    let service = Service::start().await;
    let code = totp(&service);
    let beside = [
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", code.as_str()),
    ];
    let first = connect(&service, &beside).await.text("refresh_token");
    let refresh = async |token: &str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", demo::ABP_CLIENT),
            ("refresh_token", token),
        ];
        service.post_form("/connect/token", &fields).await
    };
    let answer = refresh(&first).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "access_token": "[jwt]",
      "scope": "offline_access AbpSolution1",
      "expires_in": 3600,
      "token_type": "Bearer",
      "refresh_token": "[opaque]"
    }
    "#);
    let second = answer.text("refresh_token");
    assert_ne!(first, second);
    let nonsense = refresh("nonsense").await;
    service.advance(61);
    let refused = [nonsense, refresh(&first).await, refresh(&second).await];
    assert_snapshot!(in_turn(&refused), @r#"
    400 application/json no-store no-cache
    {
      "error": "invalid_grant",
      "error_description": "The specified refresh token is invalid.",
      "error_uri": "https://documentation.openiddict.com/errors/ID2024"
    }

    400 application/json no-store no-cache
    {
      "error": "invalid_grant",
      "error_description": "The specified refresh token has already been redeemed.",
      "error_uri": "https://documentation.openiddict.com/errors/ID2024"
    }

    400 application/json no-store no-cache
    {
      "error": "invalid_grant",
      "error_description": "The token is no longer valid.",
      "error_uri": "https://documentation.openiddict.com/errors/ID2024"
    }
    "#);
}

#[tokio::test]
async fn userinfo_tells_what_the_scopes_give() {
    let service = Service::start().await;
    let code = totp(&service);
    let beside = [
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", code.as_str()),
    ];
    let mut fields = vec![
        ("grant_type", "password"),
        ("scope", "openid profile email phone roles"),
        ("client_id", demo::ABP_CLIENT),
        ("username", demo::ABP_EMAIL),
        ("password", demo::ABP_PASSWORD),
    ];
    fields.extend_from_slice(&beside);
    let answer = service.post_form("/connect/token", &fields).await;
    let token = answer.text("access_token");
    answer.text("id_token");
    let mut answers = Vec::new();
    for method in [Method::GET, Method::POST] {
        let request = Request::builder()
            .method(method)
            .uri("/connect/userinfo")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        answers.push(service.send(request).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    200 application/json no-store no-cache
    {
      "sub": "[id]",
      "name": "Demo User",
      "preferred_username": "admin",
      "given_name": "Demo",
      "family_name": "User",
      "email": "admin@example.com",
      "email_verified": true,
      "phone_number": "+15555550101",
      "phone_number_verified": true,
      "role": "admin"
    }
    "#);
}
