//! Malformed events: each gets an answer, none causes a panic, and none makes the
//! service trust a value that the gateway did not send.

use axum::Router;
use countersign::routes::Function;
use serde_json::{Value, json};

use crate::harness::Service;
use crate::harness::deployment::event::{INVOCATION, kept};
use crate::harness::panics::panics_on_this_thread;

/// Answers the event, and checks that nothing panicked.
async fn answered(
    service: &Service,
    function: &Router,
    event: Value,
    what: &str,
) -> crate::harness::Answer {
    let before = panics_on_this_thread();
    let answer = service.answer(function, event).await;
    assert_eq!(panics_on_this_thread(), before, "a panic: {what}");
    answer
}

/// The event of a password login with one value changed. `None` removes the value.
fn changed(pointer: &str, value: Option<Value>) -> Value {
    let mut event = kept("token-auth0-password", &[]);
    set(&mut event, pointer, value);
    event
}

fn set(event: &mut Value, pointer: &str, value: Option<Value>) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let members = event.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    match value {
        Some(value) => members.insert(name, value),
        None => members.remove(&name),
    };
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_400_and_still_has_its_request_id() {
    let service = Service::start().await;
    let token = service.function(Function::Token);
    let huge = "/".to_owned() + &"a".repeat(70_000);
    for (pointer, value) in [
        ("/body", Some(json!("%%% no base64 %%%"))),
        ("/body", Some(json!("Zm9v="))),
        ("/body", Some(json!(7))),
        ("/isBase64Encoded", Some(json!("true"))),
        ("/isBase64Encoded", Some(json!(null))),
        ("/rawQueryString", Some(json!("a b"))),
        ("/rawQueryString", Some(json!("a=\"b\""))),
        ("/rawQueryString", Some(json!("a=\u{1}"))),
        ("/rawQueryString", Some(json!("a=\n"))),
        ("/rawQueryString", Some(json!(["a=b"]))),
        ("/rawPath", Some(json!("/oauth/token with space"))),
        ("/rawPath", Some(json!("/oauth/\u{0}token"))),
        ("/rawPath", Some(json!("/oauth/token\r\nX: y"))),
        ("/rawPath", Some(json!("oauth/token"))),
        ("/rawPath", Some(json!("https://example.com/oauth/token"))),
        ("/rawPath", Some(json!("*"))),
        ("/rawPath", Some(json!("/oauth/token?grant_type=password"))),
        ("/rawPath", Some(json!("/oauth/token#top"))),
        ("/rawPath", Some(json!(huge))),
        ("/rawPath", Some(json!(""))),
        ("/rawPath", None),
        ("/rawPath", Some(json!({"path": "/oauth/token"}))),
        ("/requestContext", None),
        ("/requestContext", Some(json!(null))),
        ("/requestContext", Some(json!([]))),
        ("/requestContext/http", None),
        ("/requestContext/http/method", None),
        ("/requestContext/http/method", Some(json!("PO ST"))),
        ("/requestContext/http/method", Some(json!(1))),
        ("/requestContext/http/sourceIp", None),
        ("/requestContext/http/sourceIp", Some(json!(null))),
        ("/requestContext/http/sourceIp", Some(json!(""))),
        ("/requestContext/http/sourceIp", Some(json!("localhost"))),
        (
            "/requestContext/http/sourceIp",
            Some(json!("192.0.2.1, 192.0.2.2")),
        ),
        ("/requestContext/http/sourceIp", Some(json!("192.0.2.256"))),
        (
            "/requestContext/http/sourceIp",
            Some(json!("192.0.2.1:443")),
        ),
        ("/requestContext/http/sourceIp", Some(json!([192, 0, 2, 1]))),
        ("/headers", Some(json!("host: login.example.com"))),
        ("/headers", Some(json!(["host", "login.example.com"]))),
        ("/headers/bad name", Some(json!("x"))),
        ("/headers/bad\u{0}name", Some(json!("x"))),
        ("/headers/", Some(json!("x"))),
        ("/headers/content-type", Some(json!("text/plain\r\nx: y"))),
        ("/headers/content-type", Some(json!(17))),
        ("/headers/content-type", Some(json!({"a": 1}))),
        ("/cookies", Some(json!("a=b"))),
        ("/cookies", Some(json!([1, 2]))),
    ] {
        let what = format!("{pointer} {value:?}");
        let answer = answered(&service, &token, changed(pointer, value), &what).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.raw);
        assert_eq!(
            answer.error(),
            "invalid_request: The request cannot be read.",
            "{what}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        assert_eq!(answer.header("x-request-id"), Some(INVOCATION), "{what}");
    }
}

#[tokio::test]
async fn it_is_told_in_the_words_of_its_path() {
    let service = Service::start().await;
    let function = service.function(Function::SendCode);
    let mut event = kept("send-code-abp-providers-no-user", &[]);
    event["requestContext"]["http"]["sourceIp"] = json!("nowhere");
    let answer = answered(&service, &function, event, "REST").await;
    assert_eq!(answer.status, 400, "{}", answer.raw);
    let error = &answer.body["error"];
    assert_eq!(error["message"], "Your request is not valid!");
    let errors = json!([{ "message": "The request cannot be read.", "members": [] }]);
    assert_eq!(error["validationErrors"], errors);
}

#[tokio::test]
async fn what_is_no_event_of_an_http_api_is_400() {
    let service = Service::start().await;
    let token = service.function(Function::Token);
    let rest_api = json!({
        "resource": "/oauth/token", "path": "/oauth/token", "httpMethod": "POST",
        "headers": { "Host": "login.example.com" },
        "multiValueHeaders": { "Host": ["login.example.com"] },
        "queryStringParameters": null, "multiValueQueryStringParameters": null,
        "pathParameters": null, "stageVariables": null,
        "requestContext": {
            "resourcePath": "/oauth/token", "httpMethod": "POST", "path": "/prod/oauth/token",
            "accountId": "123456789012", "protocol": "HTTP/1.1", "stage": "prod",
            "identity": { "sourceIp": "192.0.2.1", "userAgent": "curl" },
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "apiId": "a1b2c3d4e5",
        },
        "body": "grant_type=password", "isBase64Encoded": false,
    });
    let load_balancer = json!({
        "requestContext": { "elb": { "targetGroupArn":
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/b" } },
        "httpMethod": "POST", "path": "/oauth/token", "queryStringParameters": {},
        "headers": { "host": "login.example.com", "x-forwarded-for": "192.0.2.1" },
        "body": "grant_type=password", "isBase64Encoded": false,
    });
    let queue =
        json!({ "Records": [{ "messageId": "1", "body": "{}", "eventSource": "aws:sqs" }] });
    for event in [
        rest_api,
        load_balancer,
        queue,
        json!({}),
        json!([]),
        json!([kept("token-auth0-password", &[])]),
        json!(null),
        json!(true),
        json!(0),
        json!("event"),
        json!({ "version": "2.0" }),
    ] {
        let what = event.to_string();
        let answer = answered(&service, &token, event, &what).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.raw);
    }
}

#[tokio::test]
async fn what_is_odd_and_means_nothing_is_served_as_ever() {
    let service = Service::start().await;
    let token = service.function(Function::Token);
    for (pointer, value) in [
        ("/version", None),
        ("/routeKey", Some(json!("$default"))),
        ("/rawQueryString", None),
        ("/rawQueryString", Some(json!("a=b&a=%20&%zz"))),
        ("/headers/host", None),
        ("/headers/host", Some(json!(""))),
        ("/headers/host", Some(json!("a b"))),
        ("/headers/host", Some(json!("login.example.com:99999999"))),
        ("/headers/host", Some(json!("[::1"))),
        ("/headers/host", Some(json!("a%zz@b"))),
        ("/headers/host", Some(json!(["a b", "c d"]))),
        ("/headers/x-forwarded-proto", Some(json!("ht tp"))),
        ("/headers/x-forwarded-proto", Some(json!("javascript:"))),
        ("/headers/x-odd", Some(json!("\u{fc}ml\u{e4}ut"))),
        ("/requestContext/domainName", Some(json!("not a domain"))),
        ("/requestContext/requestId", None),
        ("/requestContext/timeEpoch", None),
        (
            "/requestContext/authorizer",
            Some(json!({ "jwt": { "claims": {}, "scopes": null } })),
        ),
        ("/cookies", Some(json!(["a=b", "c=\r\n"]))),
        ("/pathParameters", Some(json!({ "id": "totp|dev_1" }))),
        ("/stageVariables", Some(json!(null))),
        ("/unknown", Some(json!({ "nested": [1, null] }))),
    ] {
        let what = format!("{pointer} {value:?}");
        let answer = answered(&service, &token, changed(pointer, value), &what).await;
        assert_eq!(answer.status, 403, "{what}: {}", answer.raw);
        assert_eq!(answer.body["error"], "mfa_required", "{what}");
    }
}

#[tokio::test]
async fn no_body_and_a_null_body_lack_the_first_parameter() {
    let service = Service::start().await;
    let token = service.function(Function::Token);
    for body in [None, Some(json!(null)), Some(json!(""))] {
        let answer = answered(&service, &token, changed("/body", body), "no body").await;
        assert_eq!(answer.status, 400);
        assert_eq!(
            answer.error(),
            "invalid_request: Missing required parameter: grant_type"
        );
    }
}

#[tokio::test]
async fn a_huge_body_is_413_in_the_dialects_words() {
    let service = Service::start().await;
    let token = service.function(Function::Token);
    let mut event = changed("/isBase64Encoded", Some(json!(false)));
    event["body"] = json!(format!("grant_type={}", "a".repeat(6_000_000)));
    let answer = answered(&service, &token, event, "huge").await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.error(), "invalid_request: The body is too large.");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_no_reason_to_fail() {
    let service = Service::start().await;
    let token = service.function(Function::Token);
    // grant_type=password and then 0xff 0xfe 0x00.
    let body = json!("Z3JhbnRfdHlwZT1wYXNzd29yZP/+AA==");
    let answer = answered(&service, &token, changed("/body", Some(body)), "bytes").await;
    assert_eq!(answer.status, 400, "{}", answer.raw);
    assert_eq!(answer.body["error"], "unsupported_grant_type");
}

#[tokio::test]
async fn with_another_stage_than_default_the_path_has_the_stage_in_it_and_no_route_is_found() {
    let service = Service::start().await;
    let token = service.function(Function::Token);
    let mut event = changed("/requestContext/stage", Some(json!("prod")));
    event["rawPath"] = json!("/prod/oauth/token");
    let answer = answered(&service, &token, event, "stage").await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (404, "not_found: Not found.")
    );
}

#[tokio::test]
async fn a_forged_forwarded_address_neither_lifts_a_lockout_nor_locks_another_out() {
    let service = Service::start().await;
    let token = service.function(Function::Token);
    let from = |name: &str, address: &str, forwarded: &str| {
        let mut event = kept(name, &[]);
        event["requestContext"]["http"]["sourceIp"] = json!(address);
        for header in ["x-forwarded-for", "x-real-ip", "forwarded", "client-ip"] {
            event["headers"][header] = json!(forwarded);
        }
        event
    };
    let (attacker, owner) = ("198.51.100.7", "203.0.113.9");
    for guess in 0..10 {
        let event = from("token-auth0-password-wrong", attacker, owner);
        let answer = service.answer(&token, event).await;
        assert_eq!(
            answer.error(),
            "invalid_grant: Wrong email or password.",
            "{guess}"
        );
    }
    for forwarded in [owner, attacker, "192.0.2.77", "203.0.113.9, 198.51.100.7"] {
        let event = from("token-auth0-password", attacker, forwarded);
        let answer = service.answer(&token, event).await;
        assert_eq!(answer.status, 429, "{forwarded}: {}", answer.raw);
        assert!(answer.number_header("retry-after") > 0);
    }
    let event = from("token-auth0-password", owner, attacker);
    let answer = service.answer(&token, event).await;
    assert_eq!(answer.body["error"], "mfa_required", "{}", answer.raw);
}

/// Every place in an event, as a JSON pointer.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let members = value.as_object().into_iter().flatten();
    for (name, member) in members {
        let name = name.replace('~', "~0").replace('/', "~1");
        let pointer = format!("{at}/{name}");
        pointers(member, &pointer, found);
        found.push(pointer);
    }
}

#[tokio::test]
async fn whatever_one_place_of_an_event_holds_it_is_answered_below_500_and_nothing_panics() {
    let service = Service::start().await;
    let replacements = [
        None,
        Some(json!(null)),
        Some(json!(0)),
        Some(json!(-1.5e300)),
        Some(json!(true)),
        Some(json!("")),
        Some(json!(" \"<>\\^`{|}\u{0}\u{7f}\r\n\t%00%zz\u{e9}\u{1f980}")),
        Some(json!("/../..//?#[@]!$&'()*+,;=:")),
        Some(json!("a".repeat(66_000))),
        Some(json!([])),
        Some(json!(["a b", null, 1])),
        Some(json!({})),
        Some(json!({ "a b": { "c": [] } })),
    ];
    let mut tried = 0;
    for (name, values) in [
        ("token-auth0-password", &[][..]),
        ("token-auth0-refresh", &[("refresh_token", "v1.none")]),
        ("token-oauth-userinfo", &[("access_token", "a.b.c")]),
        ("send-code-auth0-challenge-email", &[("mfa_token", "none")]),
        (
            "verify-auth0-totp",
            &[("mfa_token", "none"), ("otp", "123456")],
        ),
        ("keys-oauth-jwks", &[]),
        (
            "send-code-abp-providers",
            &[("user_id", "none"), ("two_factor_token", "none")],
        ),
    ] {
        let function = service.function(crate::harness::deployment::event::function_of(name));
        let good = kept(name, values);
        let mut places = Vec::new();
        pointers(&good, "", &mut places);
        for place in &places {
            for replacement in &replacements {
                let mut event = good.clone();
                set(&mut event, place, replacement.clone());
                let what = format!("{name} {place} {}", short(replacement.as_ref()));
                let answer = answered(&service, &function, event, &what).await;
                assert!(
                    answer.status < 500,
                    "{what}: {} {}",
                    answer.status,
                    answer.raw
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 1500, "{tried}");
}

fn short(value: Option<&Value>) -> String {
    let text = value.map_or_else(|| "removed".to_owned(), Value::to_string);
    text.chars().take(60).collect()
}
