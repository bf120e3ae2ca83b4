//! One log line for each request: what it contains, and what it never contains.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use countersign::domain::events::attempt::Attempt;
use countersign::lambda;
use countersign::routes::router::router;
use countersign::routes::{Function, ROUTES};
use countersign::wire::log::{Logged, LookedUp, logged as log_layer};
use countersign_local::demo;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Answer, Service, holds, logged};

/// The members of a line, besides `refusal`, `error` and `user`.
const MEMBERS: [&str; 11] = [
    "timestamp",
    "level",
    "message",
    "request_id",
    "function",
    "route",
    "dialect",
    "status",
    "outcome",
    "milliseconds",
    "dynamodb_requests",
];

/// Runs one request and returns its only log line. Checks the form of the line.
async fn line_of(service: &Service, request: impl Future<Output = Answer>) -> (Answer, Value) {
    let (answer, lines) = logged(request).await;
    let mut lines: Vec<Value> = lines
        .into_iter()
        .filter(|line| line["message"] != "event")
        .collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = lines.remove(0);
    check_shape(service, &line).await;
    assert_eq!(answer.header("x-request-id"), line["request_id"].as_str());
    assert_eq!(line["status"], answer.status);
    (answer, line)
}

/// Checks that each member is from a closed list, an identifier or a number.
async fn check_shape(service: &Service, line: &Value) {
    let members = line.as_object().unwrap();
    for member in MEMBERS {
        assert!(members.contains_key(member), "no {member} in {line}");
    }
    let users = [
        service.account(demo::USER).await.user.id.to_string(),
        service.account(demo::PLAIN_USER).await.user.id.to_string(),
    ];
    for (name, value) in members {
        let text = value.as_str().unwrap_or_default();
        let good = match name.as_str() {
            "timestamp" => text.ends_with('Z') && text.len() == "2027-01-15T08:00:00.000000Z".len(),
            "level" => ["INFO", "ERROR"].contains(&text),
            "message" => text == "request",
            "request_id" => uuid::Uuid::try_parse(text).is_ok(),
            "function" => {
                text == "none" || Function::ALL.iter().any(|function| function.name() == text)
            }
            "route" => text == "none" || ROUTES.iter().any(|route| route.path == text),
            "dialect" => text == "auth0",
            "outcome" => ["ok", "refused", "broken"].contains(&text),
            "refusal" => {
                line["outcome"] == "refused"
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            }
            // The refused part of the request, by its kind.
            "refused" => {
                let kinds = ["scope \"", "audience \"", "client \"", "redirect_uri \""];
                line["outcome"] == "refused" && kinds.iter().any(|kind| text.starts_with(kind))
            }
            "error" => line["outcome"] == "broken" && text.starts_with("DynamoDB: "),
            "user" => users.iter().any(|user| user == text),
            "status" | "milliseconds" | "dynamodb_requests" => value.is_u64(),
            _ => false,
        };
        assert!(good, "{name} in {line}");
    }
}

/// Function, route, outcome and refusal of a line.
fn said(line: &Value) -> [&str; 4] {
    ["function", "route", "outcome", "refusal"].map(|name| line[name].as_str().unwrap_or("-"))
}

async fn sent(service: &Service, method: Method, path: &str, body: &'static str) -> Answer {
    let request = Request::builder().method(method).uri(path);
    service.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn every_request_of_a_login_logs_one_line_with_its_user() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id.to_string();
    let run = |(answer, line): (Answer, Value), expected: [&str; 4]| {
        assert_eq!(said(&line), expected, "{}", answer.raw);
        assert_eq!(line["user"], user.as_str(), "{line}");
        answer
    };
    let scope = "openid email phone offline_access";
    let token = run(
        line_of(&service, service.password(scope)).await,
        ["token", "/oauth/token", "ok", "-"],
    )
    .text("mfa_token");
    run(
        line_of(&service, service.get("/mfa/authenticators", Some(&token))).await,
        ["send-code", "/mfa/authenticators", "ok", "-"],
    );
    let challenge = run(
        line_of(&service, service.challenge(&token, "email")).await,
        ["send-code", "/mfa/challenge", "ok", "-"],
    );
    run(
        line_of(&service, service.challenge(&token, "email")).await,
        ["send-code", "/mfa/challenge", "refused", "send_too_soon"],
    );
    run(
        line_of(&service, service.verify(&token, "wrong")).await,
        ["verify", "/mfa/verify", "refused", "code_wrong"],
    );
    run(
        line_of(&service, service.verify(&token, &service.newest_code())).await,
        ["verify", "/mfa/verify", "ok", "-"],
    );
    let oob_code = challenge.text("oob_code");
    let code = service.newest_code();
    let tokens = run(
        line_of(&service, service.redeem_oob(&token, &oob_code, &code)).await,
        ["token", "/oauth/token", "ok", "-"],
    );
    run(
        line_of(&service, service.redeem_otp(&token, &service.totp())).await,
        ["token", "/oauth/token", "refused", "login_expired"],
    );
    run(
        line_of(&service, service.refresh(&tokens.text("refresh_token"))).await,
        ["token", "/oauth/token", "ok", "-"],
    );
    let access_token = tokens.text("access_token");
    run(
        line_of(&service, service.get("/userinfo", Some(&access_token))).await,
        ["token", "/userinfo", "ok", "-"],
    );
    let token = service.begin().await;
    run(
        line_of(
            &service,
            service.redeem_recovery(&token, demo::RECOVERY_CODE),
        )
        .await,
        ["token", "/oauth/token", "ok", "-"],
    );
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_log_the_same_and_no_user() {
    let service = Service::start().await;
    for name in ["nobody@example.com", demo::PLAIN_USER, demo::USER] {
        service.password_of("warm@example.com", "wrong").await;
        let (_, line) = line_of(&service, service.password_of(name, "wrong password")).await;
        let expected = ["token", "/oauth/token", "refused", "credentials_wrong"];
        assert_eq!(said(&line), expected);
        assert_eq!(line["user"], Value::Null);
        // Five, and one that keeps the event.
        assert_eq!(line["dynamodb_requests"], 6);
    }
}

#[tokio::test]
async fn what_is_no_route_of_ours_logs_one_line_without_the_path() {
    let service = Service::start().await;
    let path = "/oauth/token/user%40example.com/123456?password=pwd";
    let (answer, line) = line_of(&service, sent(&service, Method::GET, path, "")).await;
    assert_eq!(answer.status, 404);
    assert_eq!(said(&line), ["none", "none", "refused", "route_unknown"]);
    let (answer, line) = line_of(&service, sent(&service, Method::GET, "/oauth/token", "")).await;
    assert_eq!(answer.status, 405);
    let expected = ["token", "/oauth/token", "refused", "method_not_allowed"];
    assert_eq!(said(&line), expected);
}

#[tokio::test]
async fn a_head_request_is_logged_under_its_function() {
    let service = Service::start().await;
    let jwks = "/.well-known/jwks.json";
    let (answer, line) = line_of(&service, sent(&service, Method::HEAD, jwks, "")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(said(&line), ["keys", jwks, "ok", "-"]);
}

#[tokio::test]
async fn a_malformed_body_logs_what_was_refused_and_none_of_it() {
    let service = Service::start().await;
    let body = "{\"grant_type\": \"password\", \"otp\": \"918273\" oops";
    service.watch_secret("918273");
    let request = sent(&service, Method::POST, "/oauth/token", body);
    let (answer, line) = line_of(&service, request).await;
    assert_eq!(answer.status, 400);
    let expected = ["token", "/oauth/token", "refused", "request_malformed"];
    assert_eq!(said(&line), expected);
}

#[tokio::test]
async fn an_event_that_is_no_request_logs_one_line_with_its_request_id() {
    let service = Service::start().await;
    let router = router(&service.app, &[Function::Token.slice()]);
    let event = json!({ "rawPath": "no path", "body": "otp=918273" });
    service.watch_secret("918273");
    let id = "4f9a6a4e-0000-4000-8000-000000000000";
    let (answer, lines) = logged(lambda::answer(router, event, id.to_owned())).await;
    assert_eq!(answer["statusCode"], 400);
    assert_eq!(answer["headers"]["x-request-id"], id);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let mut members = lines[0].as_object().unwrap().clone();
    for member in MEMBERS {
        assert!(members.contains_key(member), "no {member} in {members:?}");
    }
    members.remove("timestamp");
    assert_eq!(
        Value::Object(members),
        json!({
            "level": "INFO", "message": "request", "request_id": id, "function": "none",
            "route": "none", "dialect": "none", "status": 400, "outcome": "refused",
            "refusal": "event_malformed", "milliseconds": 0, "dynamodb_requests": 0,
        })
    );
}

#[tokio::test]
async fn what_broke_stands_in_the_log_and_only_a_request_id_in_the_answer() {
    let proxy = Proxy::start().await;
    let before = proxy.clone();
    let service =
        Service::start_through(&[], |dynamodb, others| (before.before(dynamodb), others)).await;
    service.password_of(demo::PLAIN_USER, "wrong").await;
    proxy.always("BatchGetItem", Fault::ServerError);
    let (answer, lines) = logged(service.password_of(demo::PLAIN_USER, "wrong")).await;
    proxy.heal();
    assert_eq!(lines.len(), 1, "{lines:?}");
    check_shape(&service, &lines[0]).await;
    assert_eq!(answer.status, 503);
    assert_eq!(
        answer.raw,
        "{\"error\":\"temporarily_unavailable\",\"error_description\":\"The service is \
         unavailable. Please try again.\"}"
    );
    assert_eq!(
        answer.header("x-request-id"),
        lines[0]["request_id"].as_str()
    );
    assert_eq!(lines[0]["level"], "ERROR");
    assert_eq!(said(&lines[0]), ["token", "/oauth/token", "broken", "-"]);
    let error = lines[0]["error"].as_str().unwrap();
    assert!(error.starts_with("DynamoDB: read items: "), "{error}");
}

#[tokio::test]
async fn a_send_that_fails_logs_the_reason_and_not_the_address() {
    let proxy = Proxy::start().await;
    let before = proxy.clone();
    let service =
        Service::start_through(&[], |dynamodb, others| (dynamodb, before.before(others))).await;
    let token = service.begin().await;
    proxy.always("outbound-emails", Fault::ServerError);
    let (answer, lines) = logged(service.challenge(&token, "email")).await;
    assert_eq!(answer.status, 503);
    assert_eq!(lines.len(), 3, "{lines:?}");
    let (reason, line) = (&lines[0], &lines[2]);
    assert_eq!(reason["message"], "a code was not sent");
    assert_eq!(reason["level"], "WARN");
    check_shape(&service, line).await;
    let expected = ["send-code", "/mfa/challenge", "refused", "delivery_failed"];
    assert_eq!(said(line), expected);
    for line in lines {
        assert!(!line.to_string().contains(demo::USER), "{line}");
    }
}

async fn panics() -> &'static str {
    panic!("the code is 918273")
}

#[tokio::test]
async fn a_handler_that_panics_is_answered_500_and_logged_once_without_its_message() {
    let service = Service::start().await;
    service.watch_secret("918273");
    let log = Logged {
        app: service.app.clone(),
        look_up: |_, _, _| LookedUp {
            words: &countersign::wire::auth0::refusal::WORDS,
            function: "token",
            attempt: Attempt::SignIn,
        },
    };
    let router = Router::new()
        .route("/panics", get(panics))
        .layer(from_fn_with_state(log, log_layer));
    let request = Request::get("/panics").body(Body::empty()).unwrap();
    let (response, lines) = logged(router.oneshot(request)).await;
    let answer = Answer::read(response.unwrap()).await;
    assert_eq!(answer.status, 500);
    assert_eq!(
        answer.raw,
        "{\"error\":\"server_error\",\"error_description\":\"The service failed to answer this \
         request.\"}"
    );
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(
        answer.header("x-request-id"),
        lines[0]["request_id"].as_str()
    );
    assert_eq!(lines[0]["outcome"], "broken");
    assert_eq!(lines[0]["error"], "a handler panicked");
    assert!(!holds(&lines[0].to_string(), "918273"));
}

#[tokio::test]
async fn the_request_id_is_the_gateways_where_there_is_one() {
    let service = Service::start().await;
    let mut request = Request::get("/.well-known/jwks.json")
        .body(Body::empty())
        .unwrap();
    let id = countersign::wire::log::RequestId("JKJaXmPLvHcESHA=".to_owned());
    request.extensions_mut().insert(id);
    let (answer, lines) = logged(service.send(request)).await;
    assert_eq!(answer.header("x-request-id"), Some("JKJaXmPLvHcESHA="));
    assert_eq!(lines[0]["request_id"], "JKJaXmPLvHcESHA=");
}
