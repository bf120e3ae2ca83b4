//! `POST /oauth/introspect` (RFC 7662).

use countersign::domain::authorization::client::Client;
use countersign::domain::secret::Secret;
use countersign::usecase::authorization::authenticate_client::client_secret_hash;
use countersign_local::demo;
use insta::assert_snapshot;

use crate::dialects::oauth::authorization::machines::{ROBOT, ROBOT_SECRET, add_robot, ask};
use crate::harness::{Answer, Service, alike};

/// An API that checks tokens: a confidential client that lists its own audience.
pub const API: &str = "the-api";
const API_SECRET: &str = "the-secret-of-the-api";

/// Makes the client of an API, with some changes.
pub async fn add_api(service: &Service, id: &str, change: impl FnOnce(&mut Client)) {
    service.watch_secret(API_SECRET);
    let hash = client_secret_hash(id, &Secret::new(API_SECRET));
    service
        .add_client(id, |client| {
            client.secret_hashes = vec![hash];
            client.audiences = vec![demo::AUDIENCE.to_owned()];
            change(client);
        })
        .await;
}

/// `POST /oauth/introspect` as a client with the secret of the API.
pub async fn introspect(service: &Service, client: &str, token: &str) -> Answer {
    let fields = [
        ("client_id", client),
        ("client_secret", API_SECRET),
        ("token", token),
    ];
    service.post_form("/oauth/introspect", &fields).await
}

/// A login with a second factor.
pub async fn login(service: &Service) -> Answer {
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    service.advance(30);
    answer
}

#[tokio::test]
async fn an_api_learns_what_a_live_token_for_it_says() {
    let service = Service::start().await;
    add_api(&service, API, |_| {}).await;
    let tokens = login(&service).await;
    let access = tokens.text("access_token");
    let told = introspect(&service, API, &access).await;
    assert_snapshot!(told.shown(), @r#"
    200 application/json no-store no-cache
    {
      "iss": "https://localhost:8788/",
      "sub": "[id]",
      "aud": ["https://someapi.com/api","https://localhost:8788/userinfo"],
      "client_id": "demo",
      "azp": "demo",
      "scope": "openid profile email phone read:sample offline_access",
      "iat": 1800000000,
      "exp": 1800003600,
      "jti": "[id]",
      "auth_time": 1800000000,
      "acr": "aal2",
      "amr": ["pwd","otp","mfa"],
      "sid": "[id]",
      "token_type": "Bearer",
      "active": true
    }
    "#);
    let mut said = told.body.clone();
    let own = tokens.claims("access_token");
    for name in ["active", "token_type"] {
        said.as_object_mut().unwrap().remove(name);
    }
    for (name, value) in said.as_object().unwrap() {
        assert_eq!(own[name], *value, "{name}");
    }
}

#[tokio::test]
async fn a_client_learns_of_its_own_refresh_token() {
    let service = Service::start().await;
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::SERVER_CLIENT),
        ("client_secret", demo::SERVER_SECRET),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "openid offline_access"),
    ];
    let tokens = service.post_form("/oauth/token", &fields).await;
    let refresh = tokens.text("refresh_token");
    let ask = async |token: &str| {
        let fields = [
            ("client_id", demo::SERVER_CLIENT),
            ("client_secret", demo::SERVER_SECRET),
            ("token", token),
            ("token_type_hint", "refresh_token"),
        ];
        service.post_form("/oauth/introspect", &fields).await
    };
    assert_snapshot!(ask(&refresh).await.shown(), @r#"
    200 application/json no-store no-cache
    {
      "client_id": "demo-server",
      "scope": "openid offline_access",
      "sub": "[id]",
      "exp": 1801209600,
      "sid": "[id]",
      "iss": "https://localhost:8788/",
      "active": true
    }
    "#);
    // A refresh makes the token the previous one, which is good for the grace alone.
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::SERVER_CLIENT),
        ("client_secret", demo::SERVER_SECRET),
        ("refresh_token", &*refresh),
    ];
    let next = service.post_form("/oauth/token", &fields).await;
    assert_eq!(next.status, 200, "{}", next.raw);
    assert_eq!(ask(&refresh).await.body["active"], true);
    service.advance(61);
    assert_snapshot!(ask(&refresh).await.shown(), @r#"
    200 application/json no-store no-cache
    {"active":false}
    "#);
    // To look is not to use: the family goes on.
    assert_eq!(ask(&next.text("refresh_token")).await.body["active"], true);
}

#[tokio::test]
async fn a_token_of_an_ended_session_is_not_active() {
    let mut answers = Vec::new();
    for way in ["revoked", "expired", "password"] {
        let service = Service::start().await;
        add_api(&service, API, |_| {}).await;
        let tokens = login(&service).await;
        let access = tokens.text("access_token");
        assert_eq!(
            introspect(&service, API, &access).await.body["active"],
            true
        );
        match way {
            "revoked" => {
                let refresh = tokens.text("refresh_token");
                let fields = [("client_id", demo::CLIENT), ("token", &*refresh)];
                service.post_form("/oauth/revoke", &fields).await;
            }
            "expired" => service.advance(3600),
            _ => service.raise_epoch(demo::USER).await,
        }
        answers.push(introspect(&service, API, &access).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    200 application/json no-store no-cache
    {"active":false}
    "#);
}

#[tokio::test]
async fn a_machines_token_is_active_as_long_as_the_machine_is_there() {
    let service = Service::start().await;
    add_robot(&service, ROBOT, |_| {}).await;
    let token = ask(&service, "/oauth/token", &[])
        .await
        .text("access_token");
    let look = async || {
        let fields = [
            ("client_id", ROBOT),
            ("client_secret", ROBOT_SECRET),
            ("token", &*token),
        ];
        service.post_form("/oauth/introspect", &fields).await
    };
    assert_snapshot!(look().await.shown(), @r#"
    200 application/json no-store no-cache
    {
      "iss": "https://localhost:8788/",
      "sub": "robot@clients",
      "aud": "https://orders.example.com/",
      "client_id": "robot",
      "azp": "robot",
      "iat": 1800000000,
      "exp": 1800003600,
      "jti": "[id]",
      "gty": "client-credentials",
      "scope": "read:orders write:orders",
      "token_type": "Bearer",
      "active": true
    }
    "#);
    service.advance(3600);
    assert_eq!(look().await.body["active"], false);
}

#[tokio::test]
async fn only_a_client_with_its_secret_may_ask() {
    let service = Service::start().await;
    add_api(&service, API, |_| {}).await;
    let access = login(&service).await.text("access_token");
    let public = [("client_id", demo::CLIENT), ("token", &*access)];
    let wrong = [
        ("client_id", API),
        ("client_secret", "wrong"),
        ("token", &*access),
    ];
    for fields in [&public[..], &wrong[..], &wrong[..1]] {
        let refused = service.post_form("/oauth/introspect", fields).await;
        refused.is_refused(401, "invalid_client", "Client authentication failed.");
    }
    let nothing = introspect(&service, API, "").await;
    nothing.is_refused(400, "invalid_request", "Missing required parameter: token");
}
