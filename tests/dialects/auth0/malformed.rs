//! Malformed requests and unknown routes: answered in the dialect's words, and never
//! with a panic or a plain server error.

use axum::body::Body;
use axum::http::{Method, Request, header};
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::harness::{Answer, Service, alike, in_turn};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const POSTS: [&str; 4] = [
    "/oauth/token",
    "/oauth/revoke",
    "/mfa/challenge",
    "/mfa/verify",
];

async fn post(service: &Service, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, kind)
        .body(body.into());
    service.send(request.unwrap()).await
}

#[tokio::test]
async fn a_body_that_is_not_what_it_says_is_malformed_on_every_route() {
    let service = Service::start().await;
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
    let invalid = "the body is not valid JSON";
    for path in POSTS {
        for (body, problem) in [
            ("{\"grant_type\": \"pass", invalid),
            ("{\"a\":1}{\"b\":2}", invalid),
            ("{\"a\":\"\\ud800\"}", invalid),
            ("{\"a\":1,}", invalid),
            (&*deep, invalid),
            ("[1,2]", "the body is not a JSON object"),
            ("\"text\"", "the body is not a JSON object"),
            ("grant_type=password", "the body is not a JSON object"),
        ] {
            let answer = post(&service, path, JSON, body.to_owned()).await;
            answer.is_refused(400, "invalid_request", problem);
        }
        let answer = post(
            &service,
            path,
            JSON,
            b"{\"grant_type\":\"\xff\xfe\"}".to_vec(),
        )
        .await;
        answer.is_refused(400, "invalid_request", invalid);
    }
}

#[tokio::test]
async fn a_parameter_that_stands_twice_is_malformed() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for body in [
        "grant_type=password&grant_type=refresh_token",
        "grant_type=password&client_id=demo&client_id=demo",
        "otp=1&%6Ftp=2",
    ] {
        for path in POSTS {
            answers.push(post(&service, path, FORM, body).await);
        }
    }
    assert_snapshot!(alike(&answers), @r#"
    400 application/json no-store no-cache
    {"error":"invalid_request","error_description":"a parameter stands twice"}
    "#);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_answered_413() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for path in POSTS {
        let body = format!("client_id={}", "x".repeat(70_000));
        answers.push(post(&service, path, FORM, body).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    413 application/json no-store no-cache
    {"error":"invalid_request","error_description":"The body is too large."}
    "#);
    // A body of exactly the maximum length is accepted.
    let body = format!("grant_type={}", "x".repeat(65_536 - 11));
    let answer = post(&service, "/oauth/token", FORM, body).await;
    answer.is_refused(400, "unsupported_grant_type", "Unsupported grant type.");
}

#[tokio::test]
async fn bytes_that_are_no_utf_8_in_a_form_are_a_wrong_name_or_password() {
    let service = Service::start().await;
    for fields in [
        &b"username=\xff\xfe&password=pwd"[..],
        b"username=%FF%FE&password=pwd",
        b"username=plain@example.com&password=\xf0\x28\x8c",
        b"username=plain@example.com&password=%80%81",
    ] {
        let body = [b"grant_type=password&client_id=demo&", fields].concat();
        let answer = post(&service, "/oauth/token", FORM, body).await;
        answer.is_refused(403, "invalid_grant", "Wrong email or password.");
    }
}

#[tokio::test]
async fn huge_names_and_passwords_are_refused_before_they_cost_a_hash() {
    let service = Service::start().await;
    let login = async |name: &str, password: &str| {
        let body = json!({
            "grant_type": "password", "client_id": demo::CLIENT,
            "username": name, "password": password,
        });
        service.post_json("/oauth/token", &body).await
    };
    let name = "the user name is empty, too long or has control characters";
    for bad in [
        "a".repeat(321),
        "a".repeat(50_000),
        "\u{0}".to_owned(),
        "   ".to_owned(),
    ] {
        let answer = login(&bad, "pwd").await;
        answer.is_refused(400, "invalid_request", name);
    }
    let answer = login(demo::USER, &"p".repeat(1025)).await;
    answer.is_refused(400, "invalid_request", "the password is too long");
    let wrong = "Wrong email or password.";
    let answer = login(demo::USER, &"p".repeat(1024)).await;
    answer.is_refused(403, "invalid_grant", wrong);
    let answer = login(&"ß".repeat(160), "a-password").await;
    answer.is_refused(403, "invalid_grant", wrong);
}

#[tokio::test]
async fn nul_characters_are_characters_like_others_and_break_nothing() {
    let service = Service::start().await;
    let token = service.begin().await;
    let body = json!({
        "grant_type": "password", "client_id": demo::CLIENT,
        "username": demo::PLAIN_USER, "password": "pwd\u{0}",
    });
    let answer = service.post_json("/oauth/token", &body).await;
    answer.is_refused(403, "invalid_grant", "Wrong email or password.");
    let answer = service.redeem_otp(&token, "12345\u{0}").await;
    answer.is_refused(403, "invalid_grant", "Invalid otp_code.");
    let answer = service.redeem_otp("\u{0}\u{0}", "123456").await;
    answer.is_refused(403, "invalid_grant", "Malformed mfa_token");
    let fields = [("grant_type", "password"), ("client_id", "demo\u{0}")];
    let answer = service.post_form("/oauth/token", &fields).await;
    answer.is_refused(401, "invalid_client", "Client authentication failed.");
}

#[tokio::test]
async fn a_list_or_an_object_where_a_text_belongs_is_no_text() {
    let service = Service::start().await;
    for value in [json!(["pwd"]), json!({ "a": 1 })] {
        let body = json!({
            "grant_type": "password", "client_id": demo::CLIENT,
            "username": demo::PLAIN_USER, "password": value,
        });
        let answer = service.post_json("/oauth/token", &body).await;
        let description = "an array or an object stands where a text belongs";
        answer.is_refused(400, "invalid_request", description);
    }
}

#[tokio::test]
async fn an_empty_body_misses_its_first_parameter() {
    let service = Service::start().await;
    for (path, first) in
        POSTS
            .into_iter()
            .zip(["grant_type", "client_id", "mfa_token", "mfa_token"])
    {
        for (kind, body) in [
            (FORM, ""),
            (JSON, ""),
            (JSON, "{}"),
            (JSON, " \n"),
            (FORM, "&&=&"),
        ] {
            let answer = post(&service, path, kind, body).await;
            let description = format!("Missing required parameter: {first}");
            answer.is_refused(400, "invalid_request", &description);
        }
    }
}

#[tokio::test]
async fn an_unknown_route_is_answered_404_in_the_dialects_words() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for path in [
        "/",
        "/oauth/token/",
        "/oauth",
        "/mfa",
        "/oauth//token",
        "/_local/messages",
    ] {
        answers.push(service.get(path, None).await);
        answers.push(post(&service, path, FORM, "grant_type=password").await);
    }
    assert_snapshot!(alike(&answers), @r#"
    404 application/json no-store no-cache
    {"error":"not_found","error_description":"Not found."}
    "#);
}

#[tokio::test]
async fn another_method_is_answered_405_with_the_methods_that_are_allowed() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for (method, path) in [
        (Method::GET, "/oauth/token"),
        (Method::PUT, "/mfa/verify"),
        (Method::POST, "/mfa/authenticators"),
        (Method::DELETE, "/userinfo"),
        (Method::POST, "/.well-known/jwks.json"),
    ] {
        let request = Request::builder().method(method).uri(path);
        answers.push(service.send(request.body(Body::empty()).unwrap()).await);
    }
    assert_snapshot!(in_turn(&answers), @r#"
    405 application/json no-store no-cache
    allow: POST
    {"error":"invalid_request","error_description":"Method not allowed."}

    405 application/json no-store no-cache
    allow: POST
    {"error":"invalid_request","error_description":"Method not allowed."}

    405 application/json no-store no-cache
    allow: GET,HEAD
    {"error":"invalid_request","error_description":"Method not allowed."}

    405 application/json no-store no-cache
    allow: GET,HEAD,POST
    {"error":"invalid_request","error_description":"Method not allowed."}

    405 application/json no-store no-cache
    allow: GET,HEAD
    {"error":"invalid_request","error_description":"Method not allowed."}
    "#);
}
