//! The grant `client_credentials`: tokens of a client that acts for itself.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Method, Request};
use countersign::domain::authorization::client::Client;
use countersign::domain::authorization::grant::{Grant, Grants};
use countersign::domain::secret::Secret;
use countersign::usecase::authorization::authenticate_client::client_secret_hash;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::harness::document::take_access_tokens;
use crate::harness::enrolment::{MFA, MFA_SCOPES};
use crate::harness::{Answer, START, Service, alike};

/// The client of these tests.
pub const ROBOT: &str = "robot";
/// Its secret.
pub const ROBOT_SECRET: &str = "the-secret-of-the-robot";
/// Its two APIs.
pub const ORDERS: &str = "https://orders.example.com/";
const STOCK: &str = "https://stock.example.com/";
/// An authenticator that nobody has.
const AUTHENTICATOR: &str = "/mfa/authenticators/totp%7Cdev_07070707070707070707070707070707";

/// A method of My Account's API.
const MY_METHOD: &str = "/me/v1/authentication-methods/totp%7Cdev_07070707070707070707070707070707";
/// The token endpoints of the dialects.
const ENDPOINTS: [&str; 5] = [
    "/oauth/token",
    "/connect/token",
    "/auth/token",
    "/abp/connect/token",
    "/aidbox/auth/token",
];

/// Makes a client that may only act for itself, with some changes.
pub async fn add_robot(service: &Service, id: &str, change: impl FnOnce(&mut Client)) {
    service.watch_secret(ROBOT_SECRET);
    let hash = client_secret_hash(id, &Secret::new(ROBOT_SECRET));
    service
        .add_client(id, |client| {
            client.grants = Grants::from([Grant::ClientCredentials]);
            client.secret_hashes = vec![hash];
            client.scopes = vec!["read:orders".to_owned(), "write:orders".to_owned()];
            client.audiences = vec![ORDERS.to_owned(), STOCK.to_owned()];
            change(client);
        })
        .await;
}

async fn start() -> Service {
    let service = Service::start().await;
    add_robot(&service, ROBOT, |_| {}).await;
    service
}

/// Asks for a token as a client. A later field replaces an earlier field of its name.
pub async fn ask(service: &Service, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut all = vec![
        ("grant_type", "client_credentials"),
        ("client_id", ROBOT),
        ("client_secret", ROBOT_SECRET),
    ];
    for (name, value) in fields {
        all.retain(|(known, _)| known != name);
        all.push((name, value));
    }
    service.post_form(path, &all).await
}

#[tokio::test]
async fn a_client_with_a_secret_gets_an_access_token_and_nothing_else_in_every_dialect() {
    let service = start().await;
    let mut answers = Vec::new();
    for path in ENDPOINTS {
        answers.push(ask(&service, path, &[]).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    200 application/json no-store no-cache
    {"access_token":"[jwt]","expires_in":3600,"token_type":"Bearer","scope":"read:orders write:orders"}
    "#);
    let issuers = [
        ("https://localhost:8788/", "robot@clients"),
        ("https://localhost:8788/", ROBOT),
        ("https://localhost:8788/", ROBOT),
        ("https://localhost:8788/abp/", ROBOT),
        ("https://localhost:8788/aidbox/", ROBOT),
    ];
    for (answer, (issuer, subject)) in answers.iter().zip(issuers) {
        let header = jsonwebtoken::decode_header(answer.text("access_token")).unwrap();
        assert_eq!(header.typ.as_deref(), Some("at+jwt"));
        let mut claims = answer.claims("access_token");
        let identifier = claims.as_object_mut().unwrap().remove("jti").unwrap();
        assert!(uuid::Uuid::parse_str(identifier.as_str().unwrap()).is_ok());
        let expected = json!({
            "iss": issuer, "sub": subject, "aud": ORDERS, "client_id": ROBOT, "azp": ROBOT,
            "scope": "read:orders write:orders", "iat": START, "exp": START + 3600,
            "gty": "client-credentials",
        });
        assert_eq!(claims, expected);
    }
}

#[tokio::test]
async fn a_client_chooses_among_its_own_apis_and_scopes_and_has_its_own_lifetime() {
    let service = Service::start().await;
    add_robot(&service, ROBOT, |client| {
        client.access_token_seconds = Some(60);
    })
    .await;
    let fields = [("audience", STOCK), ("scope", "write:orders")];
    let answer = ask(&service, "/oauth/token", &fields).await;
    assert_eq!(answer.body["expires_in"], 60, "{}", answer.raw);
    let claims = answer.claims("access_token");
    assert_eq!(claims["aud"], STOCK);
    assert_eq!(claims["scope"], "write:orders");
    // A token without scopes says nothing of scopes (RFC 6749 3.3).
    add_robot(&service, "bare", |client| client.scopes.clear()).await;
    let answer = ask(&service, "/oauth/token", &[("client_id", "bare")]).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {"access_token":"[jwt]","expires_in":3600,"token_type":"Bearer"}
    "#);
    assert_eq!(answer.claims("access_token").get("scope"), None);
}

#[tokio::test]
async fn an_api_and_a_scope_that_the_client_does_not_list_are_refused() {
    let service = start().await;
    let mut answers = Vec::new();
    for audience in [demo::AUDIENCE, "https://orders.example.com", "x"] {
        answers.push(ask(&service, "/oauth/token", &[("audience", audience)]).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    403 application/json no-store no-cache
    {"error":"access_denied","error_description":"The client may not ask for this audience."}
    "#);
    let mut answers = Vec::new();
    for scope in ["read:orders delete:orders", "READ:ORDERS", "read:sample"] {
        answers.push(ask(&service, "/oauth/token", &[("scope", scope)]).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    400 application/json no-store no-cache
    {"error":"invalid_scope","error_description":"The client may not ask for one of these scopes."}
    "#);
}

#[tokio::test]
async fn a_scope_about_a_user_is_refused_and_is_not_among_the_scopes_of_a_token() {
    let service = Service::start().await;
    let about_users = ["openid", "profile", "email", "roles", "offline_access"];
    let about_users = about_users.into_iter().chain(MFA_SCOPES.split(' '));
    let about_users: Vec<&str> = about_users.collect();
    add_robot(&service, ROBOT, |client| {
        let more = about_users.iter().map(|scope| (*scope).to_owned());
        client.scopes.extend(more);
    })
    .await;
    let mut refused = Vec::new();
    for path in ENDPOINTS {
        let mut answers = Vec::new();
        for scope in &about_users {
            answers.push(ask(&service, path, &[("scope", scope)]).await);
        }
        refused.push(format!("{path} {}", alike(&answers)));
        let answer = ask(&service, path, &[]).await;
        let scope = answer.claims("access_token")["scope"].clone();
        assert_eq!(scope, "read:orders write:orders", "{path}");
        for absent in ["id_token", "refresh_token", "userinfo"] {
            assert_eq!(answer.body.get(absent), None, "{path}");
        }
    }
    assert_snapshot!(refused.join("\n"), @r#"
    /oauth/token 400 application/json no-store no-cache
    {"error":"invalid_scope","error_description":"The client may not ask for one of these scopes."}
    /connect/token 400 application/json no-store no-cache
    {
      "error": "invalid_scope",
      "error_description": "This client application is not allowed to use the specified scope."
    }
    /auth/token 400 application/json no-store no-cache
    {"error":"invalid_scope","error_description":"The client may not ask for one of these scopes"}
    /abp/connect/token 400 application/json no-store no-cache
    {
      "error": "invalid_scope",
      "error_description": "This client application is not allowed to use the specified scope."
    }
    /aidbox/auth/token 400 application/json no-store no-cache
    {"error":"invalid_scope","error_description":"The client may not ask for one of these scopes"}
    "#);
}

#[tokio::test]
async fn a_public_client_and_a_client_without_the_grant_get_no_token_of_their_own() {
    let service = start().await;
    let mut refused = Vec::new();
    // The table can say so, although the tool refuses such a client.
    add_robot(&service, "public", |client| client.secret_hashes.clear()).await;
    for path in ENDPOINTS {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", "public"),
        ];
        let public = service.post_form(path, &fields).await;
        let fields = [
            ("client_id", demo::SERVER_CLIENT),
            ("client_secret", demo::SERVER_SECRET),
        ];
        let without_grant = ask(&service, path, &fields).await;
        refused.push(format!("{path} {}", alike(&[public, without_grant])));
        let mut answers = Vec::new();
        for secret in ["wrong", "the-secret-of-the-robot "] {
            answers.push(ask(&service, path, &[("client_secret", secret)]).await);
        }
        refused.push(format!("{path} {}", alike(&answers)));
    }
    assert_snapshot!(refused.join("\n"), @r#"
    /oauth/token 403 application/json no-store no-cache
    {"error":"unauthorized_client","error_description":"Grant type not allowed for the client."}
    /oauth/token 401 application/json no-store no-cache
    {"error":"invalid_client","error_description":"Client authentication failed."}
    /connect/token 400 application/json no-store no-cache
    {
      "error": "unauthorized_client",
      "error_description": "This client application is not allowed to use the specified grant type."
    }
    /connect/token 401 application/json no-store no-cache
    www-authenticate: Basic realm="token"
    {"error":"invalid_client","error_description":"The specified client credentials are invalid."}
    /auth/token 400 application/json no-store no-cache
    {"error":"unauthorized_client","error_description":"Grant type not allowed for the client"}
    /auth/token 401 application/json no-store no-cache
    {"error":"invalid_client","error_description":"Client authentication failed"}
    /abp/connect/token 400 application/json no-store no-cache
    {
      "error": "unauthorized_client",
      "error_description": "This client application is not allowed to use the specified grant type."
    }
    /abp/connect/token 401 application/json no-store no-cache
    www-authenticate: Basic realm="token"
    {"error":"invalid_client","error_description":"The specified client credentials are invalid."}
    /aidbox/auth/token 400 application/json no-store no-cache
    {"error":"unauthorized_client","error_description":"Grant type not allowed for the client"}
    /aidbox/auth/token 401 application/json no-store no-cache
    {"error":"invalid_client","error_description":"Client authentication failed"}
    "#);
    // The machine cannot sign a user in.
    let name = demo::PLAIN_USER;
    let login = service.password_at(ROBOT, Some(ROBOT_SECRET), name, demo::PASSWORD_OF_ALL);
    assert_snapshot!(login.await.shown(), @r#"
    403 application/json no-store no-cache
    {"error":"unauthorized_client","error_description":"Grant type not allowed for the client."}
    "#);
}

#[tokio::test]
async fn no_token_of_a_machine_is_for_one_of_our_own_endpoints() {
    let service = Service::start().await;
    let own = [
        "https://localhost:8788/userinfo",
        "https://localhost:8788/api/account/",
        MFA,
    ];
    add_robot(&service, ROBOT, |client| {
        let more = own.into_iter().map(str::to_owned);
        client.audiences = more.chain([ORDERS.to_owned()]).collect();
    })
    .await;
    for path in ENDPOINTS {
        let answer = ask(&service, path, &[]).await;
        assert_eq!(answer.claims("access_token")["aud"], ORDERS, "{path}");
    }
    for audience in own {
        let answer = ask(&service, "/oauth/token", &[("audience", audience)]).await;
        assert_eq!(answer.status, 403, "{audience}: {}", answer.raw);
    }
}

async fn call(service: &Service, route: &(Method, &str), access: &str) -> Answer {
    let path = route
        .1
        .replace("/mfa/authenticators/{id}", AUTHENTICATOR)
        .replace("/me/v1/authentication-methods/{id}", MY_METHOD)
        .replace("{userName}", "admin")
        .replace("{email}", demo::ABP_EMAIL);
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    let path = match path.replace("{id}", &id).as_str() {
        "/api/account/my-profile/set-two-factor-enabled" => format!("{path}?enabled=true"),
        "/api/account/confirmation-state" => format!("/api/account/confirmation-state?id={id}"),
        path => path.to_owned(),
    };
    let body = json!({
        "userId": id, "token": "123456", "code": "123456", "authenticator_types": ["otp"],
        "currentPassword": demo::PASSWORD_OF_ALL, "newPassword": "three red kites at noon",
        "type": "totp", "auth_session": "session", "otp_code": "123456",
    });
    match route.0 {
        Method::GET => service.get(&path, Some(access)).await,
        Method::PATCH => {
            let request = Request::patch(path).header(AUTHORIZATION, format!("Bearer {access}"));
            let request = request.header(CONTENT_TYPE, "application/json");
            service
                .send(request.body(Body::from(body.to_string())).unwrap())
                .await
        }
        Method::DELETE => {
            let request = Request::delete(path).header(AUTHORIZATION, format!("Bearer {access}"));
            service.send(request.body(Body::empty()).unwrap()).await
        }
        _ => service.post_as(Some(access), &path, &body).await,
    }
}

async fn signed(service: &Service, claims: &Value) -> String {
    let ring = service
        .app
        .keyring
        .current_ring(service.now())
        .await
        .unwrap();
    let token = ring.sign("at+jwt", claims).unwrap().expose().to_owned();
    service.watch_secret(&token);
    token
}

/// The client's identifier is that of a user, so the `sub` of its token is the user's in
/// the dialects of ABP and Aidbox. The second token has each claim of the user's own token
/// as well, as a mistake in another part could make it.
#[tokio::test]
async fn every_endpoint_refuses_the_token_of_a_machine_whose_identifier_is_that_of_a_user() {
    let service = Service::start().await;
    let user = service.account(demo::PLAIN_USER).await.user.id.dashed();
    add_robot(&service, &user, |_| {}).await;
    let machine = ask(&service, "/connect/token", &[("client_id", &user)]).await;
    assert_eq!(machine.claims("access_token")["sub"], user.as_str());
    let name = demo::PLAIN_USER;
    let login = service
        .aidbox_password(name, demo::PASSWORD_OF_ALL, &json!({}))
        .await;
    let mut claims = login.claims("access_token");
    claims["aud"] = json!([
        "https://localhost:8788/userinfo",
        "https://localhost:8788/api/account/",
        MFA,
        ORDERS,
    ]);
    claims["scope"] = json!(format!("openid {MFA_SCOPES}"));
    let users = signed(&service, &claims).await;
    claims["gty"] = json!("client-credentials");
    let mixed = signed(&service, &claims).await;
    for route in take_access_tokens() {
        // The others count a bad token as none.
        if !route.needed {
            continue;
        }
        for token in [&machine.text("access_token"), &mixed] {
            let answer = call(&service, &route.route, token).await;
            assert_eq!(answer.status, 401, "{:?}: {}", route.route, answer.raw);
        }
    }
    // Without the claim `gty`, the second token is a good token of the user.
    for path in [
        "/userinfo",
        "/mfa/authenticators",
        "/api/account/my-profile",
        "/auth/userinfo",
    ] {
        let answer = service.get(path, Some(&users)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.raw);
    }
}

#[tokio::test]
async fn the_metadata_of_every_issuer_lists_the_grant() {
    let service = Service::start().await;
    for issuer in ["", "/abp", "/aidbox"] {
        let path = format!("{issuer}/.well-known/openid-configuration");
        let document = service.get(&path, None).await;
        let grants = document.body["grant_types_supported"].as_array().unwrap();
        assert!(grants.contains(&json!("client_credentials")), "{path}");
    }
}
