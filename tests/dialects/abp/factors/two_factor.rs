//! Two-factor settings in ABP's dialect.

use axum::body::Body;
use axum::http::{Method, Request, header};
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::dialects::abp::login::password::connect;
use crate::dialects::auth0::factors::enrolment::notices;
use crate::harness::{Answer, Service, alike, in_turn};

const INFO: &str = "/api/account/authenticator-info";
const VERIFY: &str = "/api/account/verify-authenticator-code";
const RESET: &str = "/api/account/reset-authenticator";
const SET: &str = "/api/account/my-profile/set-two-factor-enabled";

/// A user who has nothing but a confirmed e-mail address.
const USER: &str = "abp@example.com";

async fn start() -> Service {
    let service = Service::start().await;
    service
        .add_user(USER, |account| account.user.two_factor = false)
        .await;
    service
}

/// The password step of this user, with these fields beside it.
async fn sign_in(service: &Service, beside: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("scope", "AbpSolution1 offline_access"),
        ("username", USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    fields.extend_from_slice(beside);
    service.post_form("/connect/token", &fields).await
}

async fn post(service: &Service, path: &str, bearer: &str, body: &Value) -> Answer {
    service.bearer_json(path, bearer, body).await
}

/// Whether this call answers `true`.
async fn says(service: &Service, bearer: &str, what: &str) -> bool {
    let answer = service
        .get(&format!("/api/account/{what}"), Some(bearer))
        .await;
    assert_eq!(answer.status, 200, "{what}: {}", answer.raw);
    answer.body.as_bool().unwrap()
}

/// The key of the app that is to be confirmed.
async fn key(service: &Service, bearer: &str) -> String {
    let answer = service.get(INFO, Some(bearer)).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(answer.members(), ["key", "uri"]);
    let key = answer.text("key");
    assert!(answer.text("uri").contains(&format!("?secret={key}&")));
    key
}

/// Confirms this app. Returns the recovery codes.
async fn confirm(service: &Service, bearer: &str, key: &str) -> Vec<String> {
    confirmed(service, bearer, key).await.1
}

/// Like `confirm`, with the whole answer.
async fn confirmed(service: &Service, bearer: &str, key: &str) -> (Answer, Vec<String>) {
    let body = json!({ "code": service.app_code(key) });
    let answer = post(service, VERIFY, bearer, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(answer.members(), ["recoveryCodes"]);
    let codes = answer.body["recoveryCodes"].as_array().unwrap().iter();
    let codes: Vec<String> = codes
        .map(|code| code.as_str().unwrap().to_owned())
        .collect();
    codes.iter().for_each(|code| service.watch_secret(code));
    service.advance(30);
    (answer, codes)
}

#[tokio::test]
async fn an_app_is_enrolled_used_lost_and_replaced() {
    let service = start().await;
    let tokens = sign_in(&service, &[]).await;
    let access = tokens.text("access_token");
    assert!(!says(&service, &access, "has-authenticator-key").await);
    assert!(!says(&service, &access, "my-profile/two-factor-enabled").await);
    assert!(says(&service, &access, "my-profile/can-enable-two-factor").await);
    assert_snapshot!(service.get(INFO, Some(&access)).await.shown(), @r#"
    200 application/json no-store no-cache
    {
      "key": "[seed]",
      "uri": "otpauth://totp/Demo:abp%40example.com?secret=[seed]&issuer=Demo&algorithm=SHA1&digits=6&period=30"
    }
    "#);
    let first = key(&service, &access).await;
    assert_eq!(key(&service, &access).await, first);
    assert!(!says(&service, &access, "has-authenticator-key").await);
    let (answer, codes) = confirmed(&service, &access, &first).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "recoveryCodes": [
        "[recovery code]", "[recovery code]", "[recovery code]", "[recovery code]", "[recovery code]", "[recovery code]",
        "[recovery code]", "[recovery code]", "[recovery code]", "[recovery code]"
      ]
    }
    "#);
    assert_eq!(
        notices(&service),
        ["An authenticator app was added to your account."]
    );

    // The session continues, with its access token and its refresh token.
    assert!(says(&service, &access, "has-authenticator-key").await);
    assert!(says(&service, &access, "my-profile/two-factor-enabled").await);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::ABP_CLIENT),
        ("refresh_token", &tokens.text("refresh_token")),
    ];
    let refreshed = service.post_form("/connect/token", &fields).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);

    let needed = sign_in(&service, &[]).await;
    assert_eq!(needed.error(), "invalid_grant: RequiresTwoFactor");
    let code = service.app_code(&first);
    let with = [
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", &*code),
    ];
    assert_eq!(sign_in(&service, &with).await.status, 200);

    // The app is lost: a recovery code signs in and resets it.
    let lost = sign_in(&service, &[("RecoveryCode", &codes[0])]).await;
    assert_eq!(lost.status, 200, "{}", lost.raw);
    let access = lost.text("access_token");
    let answer = post(&service, RESET, &access, &json!({})).await;
    assert_snapshot!(answer.shown(), @"204 no-store no-cache");
    assert!(!says(&service, &access, "has-authenticator-key").await);
    let second = key(&service, &access).await;
    assert_ne!(second, first);
    confirm(&service, &access, &second).await;
    for (seed, status) in [(&first, 400), (&second, 200)] {
        let code = service.app_code(seed);
        let with = [
            ("TwoFactorProvider", "Authenticator"),
            ("TwoFactorCode", &*code),
        ];
        assert_eq!(sign_in(&service, &with).await.status, status);
    }
}

#[tokio::test]
async fn two_factor_is_turned_on_with_the_confirmed_address_and_off_again() {
    let service = start().await;
    let access = sign_in(&service, &[]).await.text("access_token");
    let on = format!("{SET}?enabled=true");
    let answer = post(&service, &on, &access, &json!({})).await;
    assert_snapshot!(answer.shown(), @"204 no-store no-cache");
    let needed = sign_in(&service, &[]).await;
    assert_eq!(needed.error(), "invalid_grant: RequiresTwoFactor");
    let sent = json!({
        "userId": needed.text("userId"),
        "provider": "Email",
        "token": needed.text("twoFactorToken"),
    });
    service
        .post_json("/api/account/send-two-factor-code", &sent)
        .await;
    let code = service.newest_code();
    let with = [("TwoFactorProvider", "Email"), ("TwoFactorCode", &*code)];
    let tokens = sign_in(&service, &with).await;
    let off = format!("{SET}?enabled=False");
    let answer = post(&service, &off, &tokens.text("access_token"), &json!({})).await;
    assert_eq!((answer.status, &*answer.raw), (204, ""));
    assert_eq!(
        notices(&service),
        [
            "Two-factor authentication was turned off for your account.",
            "Two-factor authentication was turned on for your account.",
        ]
    );
    assert_eq!(sign_in(&service, &[]).await.status, 200);
}

#[tokio::test]
async fn two_factor_is_turned_off_by_a_strong_session_only_and_on_again_by_any_recent_one() {
    let service = start().await;
    let weak = sign_in(&service, &[]).await.text("access_token");
    let app = key(&service, &weak).await;
    confirm(&service, &weak, &app).await;
    let (on, off) = (
        format!("{SET}?enabled=true"),
        format!("{SET}?enabled=false"),
    );
    // This session has not signed in with the app that it enrolled.
    let refused = post(&service, &off, &weak, &json!({})).await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
    let code = service.app_code(&app);
    let with = [
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", &*code),
    ];
    let strong = sign_in(&service, &with).await.text("access_token");
    assert_eq!(post(&service, &off, &strong, &json!({})).await.status, 204);
    let weak = sign_in(&service, &[]).await.text("access_token");
    let refused = post(&service, RESET, &weak, &json!({})).await;
    assert_eq!(refused.status, 403, "{}", refused.raw);
    assert_eq!(post(&service, &on, &weak, &json!({})).await.status, 204);
    assert_eq!(
        sign_in(&service, &[]).await.error(),
        "invalid_grant: RequiresTwoFactor"
    );
}

#[tokio::test]
async fn what_needs_a_strong_and_recent_session_says_so_in_abps_shape() {
    let service = start().await;
    let access = sign_in(&service, &[]).await.text("access_token");
    service.advance(600);
    let off = format!("{SET}?enabled=true");
    let refused = [
        service.get(INFO, Some(&access)).await,
        post(&service, RESET, &access, &json!({})).await,
        post(&service, &off, &access, &json!({})).await,
    ];
    assert_snapshot!(alike(&refused), @r#"
    403 application/json no-store no-cache
    _abperrorformat: true
    www-authenticate: Bearer error="insufficient_user_authentication", max_age=600
    {
      "error": {
        "code": null,
        "message": "Sign in again with your strongest two-factor provider to change it.",
        "details": null,
        "data": null,
        "validationErrors": null
      }
    }
    "#);
    // Reading needs only the token.
    assert!(says(&service, &access, "my-profile/can-enable-two-factor").await);
}

#[tokio::test]
async fn wrong_codes_are_told_and_counted_and_nothing_to_confirm_is_told_too() {
    let service = start().await;
    let access = sign_in(&service, &[]).await.text("access_token");
    let nothing = post(&service, VERIFY, &access, &json!({ "code": "123456" })).await;
    assert_snapshot!(nothing.shown(), @r#"
    403 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {
        "code": null,
        "message": "There is no authenticator to verify. Get a new key first.",
        "details": null,
        "data": null,
        "validationErrors": null
      }
    }
    "#);
    let key = key(&service, &access).await;
    let mut wrong = Vec::new();
    for _ in 0..10 {
        wrong.push(post(&service, VERIFY, &access, &json!({ "code": "000000" })).await);
    }
    assert_snapshot!(alike(&wrong), @r#"
    403 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {"code":null,"message":"Invalid authenticator code!","details":null,"data":null,"validationErrors":null}
    }
    "#);
    let body = json!({ "code": service.app_code(&key) });
    let locked = post(&service, VERIFY, &access, &body).await;
    assert_snapshot!(locked.shown(), @r#"
    403 application/json no-store no-cache
    _abperrorformat: true
    retry-after: 360
    {
      "error": {
        "code": null,
        "message": "The user account has been locked out due to invalid login attempts. Please wait a while and try again.",
        "details": null,
        "data": null,
        "validationErrors": null
      }
    }
    "#);
    assert!(
        service
            .account(USER)
            .await
            .active_factors()
            .next()
            .is_none()
    );
    let missing = [
        post(&service, VERIFY, &access, &json!({})).await,
        post(&service, SET, &access, &json!({})).await,
    ];
    assert_snapshot!(in_turn(&missing), @r#"
    400 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {
        "code": null,
        "message": "Your request is not valid!",
        "details": null,
        "data": null,
        "validationErrors": [{"message":"The code field is required.","members":["code"]}]
      }
    }

    400 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {
        "code": null,
        "message": "Your request is not valid!",
        "details": null,
        "data": null,
        "validationErrors": [{"message":"The enabled field is required.","members":["enabled"]}]
      }
    }
    "#);
}

#[tokio::test]
async fn without_a_token_for_the_account_nothing_is_shown_or_changed() {
    let service = start().await;
    let tokens = connect(&service, &[]).await;
    let auth0 = service.strong_token().await;
    let pending = tokens.text("twoFactorToken");
    let set = format!("{SET}?enabled=false");
    for bearer in [None, Some(&*auth0), Some(&*pending), Some("a.b.c")] {
        for (method, path) in [
            (Method::GET, "/api/account/has-authenticator-key"),
            (Method::GET, INFO),
            (Method::POST, VERIFY),
            (Method::POST, RESET),
            (Method::GET, "/api/account/my-profile/two-factor-enabled"),
            (Method::GET, "/api/account/my-profile/can-enable-two-factor"),
            (Method::POST, &*set),
        ] {
            let mut request = Request::builder().method(&method).uri(path);
            if let Some(bearer) = bearer {
                request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
            }
            let body = Body::from(r#"{"code":"123456"}"#);
            let answer = service.send(request.body(body).unwrap()).await;
            assert_eq!(answer.status, 401, "{method} {path}: {}", answer.raw);
            let told = match bearer {
                None => "The security token is missing.",
                Some(_) => "The specified token is invalid.",
            };
            assert_eq!(answer.body["error"]["message"], told);
        }
    }
}
