//! What ABP's clients send and read besides the login itself.

use axum::body::Body;
use axum::http::Request;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::harness::{Answer, Service, alike, in_turn};

/// The header by which ABP's clients recognise ABP's errors.
const MARK: &str = "_abperrorformat";

async fn tokens(service: &Service, scope: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", scope),
    ];
    let answer = service.post_form("/connect/token", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    answer
}

#[tokio::test]
async fn a_taken_user_name_is_told_in_abps_own_error_and_not_as_a_page_of_403() {
    let service = Service::start().await;
    let body = json!({
        "userName": demo::ABP_USER, "emailAddress": "new@example.com",
        "password": "violet kettle 42", "appName": "Angular",
    });
    let taken = service.post_json("/api/account/register", &body).await;
    assert_snapshot!(taken.shown(), @r#"
    403 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {
        "code": null,
        "message": "Username 'admin' is already taken.",
        "details": null,
        "data": null,
        "validationErrors": null
      }
    }
    "#);
}

#[tokio::test]
async fn every_error_of_abps_rest_has_its_mark_and_no_other_answer_has() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for path in [
        "/api/account/register",
        "/api/account/my-profile/change-password",
        "/api/account/nothing-there",
        "/api/account/my-profile",
        "/api/identity/users/by-email/a@b.example",
    ] {
        answers.push(service.post_json(path, &json!({})).await);
    }
    let large = json!({ "userName": "x".repeat(70_000) });
    answers.push(service.post_json("/api/account/register", &large).await);
    assert_snapshot!(in_turn(&answers), @r#"
    400 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {
        "code": null,
        "message": "Your request is not valid!",
        "details": null,
        "data": null,
        "validationErrors": [{"message":"The userName field is required.","members":["userName"]}]
      }
    }

    401 application/json no-store no-cache
    _abperrorformat: true
    www-authenticate: Bearer
    {
      "error": {"code":null,"message":"The security token is missing.","details":null,"data":null,"validationErrors":null}
    }

    404 application/json no-store no-cache
    _abperrorformat: true
    {"error":{"code":null,"message":"Not found.","details":null,"data":null,"validationErrors":null}}

    405 application/json no-store no-cache
    _abperrorformat: true
    allow: GET,HEAD
    {"error":{"code":null,"message":"Method not allowed.","details":null,"data":null,"validationErrors":null}}

    405 application/json no-store no-cache
    _abperrorformat: true
    allow: GET,HEAD
    {"error":{"code":null,"message":"Method not allowed.","details":null,"data":null,"validationErrors":null}}

    413 application/json no-store no-cache
    _abperrorformat: true
    {"error":{"code":null,"message":"The body is too large.","details":null,"data":null,"validationErrors":null}}
    "#);
    for path in [
        "/connect/token",
        "/oauth/token",
        "/auth/token",
        "/api/accounts/login",
        "/userinfo",
        "/nothing-there",
    ] {
        let answer = service.post_json(path, &json!({})).await;
        assert!(answer.status >= 400, "{path}");
        assert_eq!(answer.header(MARK), None, "{path}");
    }
    let good = json!({
        "userNameOrEmailAddress": demo::PLAIN_USER, "password": demo::PASSWORD_OF_ALL,
    });
    let answer = service.post_json("/api/account/login", &good).await;
    assert_eq!((answer.status, answer.header(MARK)), (200, None));
}

#[tokio::test]
async fn a_fault_in_abps_rest_is_an_error_of_its_own_too() {
    let service = Service::start().await;
    let words = countersign::routes::words::words_of("/api/account/register");
    let broken = countersign::failure::Broken::internal("a test");
    let answer = countersign::wire::failure(words, broken.into(), service.now());
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()[MARK]),
        (500, &"true".parse().unwrap())
    );
}

/// A form as React Native's `FormData` sends it.
async fn multipart(service: &Service, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut body = String::new();
    for (name, value) in fields {
        body +=
            &format!("--rn\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += "--rn--\r\n";
    let request = Request::post(path)
        .header("content-type", "multipart/form-data; boundary=rn")
        .body(Body::from(body));
    service.send(request.unwrap()).await
}

#[tokio::test]
async fn an_older_react_native_app_signs_in_by_multipart_form_data_at_abps_endpoint_only() {
    let service = Service::start().await;
    let fields = [
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("grant_type", "password"),
        (
            "scope",
            "email openid profile role phone AbpSolution1 offline_access",
        ),
        ("client_id", demo::ABP_CLIENT),
        ("client_secret", ""),
    ];
    for path in ["/connect/token", "/abp/connect/token"] {
        let answer = multipart(&service, path, &fields).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.raw);
        assert!(answer.body["refresh_token"].is_string());
    }
    for path in ["/oauth/token", "/auth/token", "/aidbox/auth/token"] {
        let answer = multipart(&service, path, &fields).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.raw);
        assert_eq!(answer.body["error"], "invalid_request", "{path}");
    }
    let twice = [("grant_type", "password"), ("grant_type", "password")];
    let answer = multipart(&service, "/connect/token", &twice).await;
    assert_eq!(
        (answer.status, &answer.body["error"]),
        (400, &json!("invalid_request"))
    );
}

#[tokio::test]
async fn userinfo_in_abps_dialect_needs_no_openid_and_gives_what_the_scopes_give() {
    let service = Service::start().await;
    let token = tokens(&service, "AbpSolution1 email")
        .await
        .text("access_token");
    let user = service.account(demo::PLAIN_USER).await.user;
    let mut answers = Vec::new();
    for path in ["/connect/userinfo", "/abp/userinfo"] {
        answers.push(service.get(path, Some(&token)).await);
    }
    assert_eq!(answers[0].body["sub"], user.id.dashed());
    assert_snapshot!(alike(&answers), @r#"
    200 application/json no-store no-cache
    {"sub":"[id]","email":"plain@example.com","email_verified":true}
    "#);
    // At other endpoints, the token has the wrong audience, as before.
    let answer = service.get("/userinfo", Some(&token)).await;
    assert_eq!(answer.status, 401, "{}", answer.raw);
}

#[tokio::test]
async fn the_scope_role_of_older_templates_gives_the_roles() {
    let service = Service::start().await;
    let answer = tokens(&service, "openid role AbpSolution1").await;
    assert!(answer.claims("id_token")["role"].is_null(), "no roles yet");
    let roles = aws_sdk_dynamodb::types::AttributeValue::L(vec![
        aws_sdk_dynamodb::types::AttributeValue::S("Viewer".to_owned()),
    ]);
    service.set_profile(demo::PLAIN_USER, "roles", roles).await;
    let answer = tokens(&service, "openid role AbpSolution1").await;
    assert_eq!(answer.claims("id_token")["role"], "Viewer");
    let token = answer.text("access_token");
    let shown = service.get("/connect/userinfo", Some(&token)).await;
    assert_snapshot!(shown.shown(), @r#"
    200 application/json no-store no-cache
    {"sub":"[id]","role":"Viewer"}
    "#);
    let answer = tokens(&service, "openid AbpSolution1").await;
    assert!(answer.claims("id_token")["role"].is_null());
}

#[tokio::test]
async fn a_react_native_app_logs_out_and_its_session_is_over() {
    let service = Service::start().await;
    let answer = tokens(&service, "offline_access AbpSolution1").await;
    let token = answer.text("access_token");
    let mut answers = Vec::new();
    for bearer in [Some(&*token), Some(&*token), Some("nonsense"), None] {
        answers.push(service.get("/api/account/logout", bearer).await);
    }
    assert_snapshot!(alike(&answers), @"204 no-store no-cache");
    let refresh = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::ABP_CLIENT),
        ("refresh_token", &answer.text("refresh_token")),
    ];
    let over = service.post_form("/connect/token", &refresh).await;
    assert_eq!(over.status, 400, "{}", over.raw);
}
