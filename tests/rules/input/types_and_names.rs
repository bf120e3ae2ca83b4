//! JSON of another type than a parameter's, members that stand twice, and names
//! that differ in their case only never give more than was asked for. Each is
//! refused in the words of its dialect.

use axum::body::Body;
use axum::http::{Request, header};
use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::{Answer, Service};

const JSON: &str = "application/json";

/// The token endpoints, each with a client of its dialect.
const TOKEN_ENDPOINTS: [(&str, &str); 3] = [
    ("/oauth/token", demo::CLIENT),
    ("/connect/token", demo::ABP_CLIENT),
    ("/auth/token", demo::AIDBOX_CLIENT),
];

async fn post(service: &Service, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, kind)
        .body(body.into());
    service.send(request.unwrap()).await
}

/// The password grant of the user without a second factor, with more members.
async fn grant(service: &Service, (path, client): (&str, &str), more: &Value) -> Answer {
    let mut body = json!({
        "grant_type": "password",
        "client_id": client,
        "username": demo::PLAIN_USER,
        "password": demo::PASSWORD_OF_ALL,
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    post(service, path, JSON, body.to_string()).await
}

fn scopes(answer: &Answer) -> Vec<String> {
    let claims = answer.claims("access_token");
    let scopes = claims["scope"].as_str().unwrap_or_default();
    scopes.split(' ').map(str::to_owned).collect()
}

#[tokio::test]
async fn a_list_of_scopes_grants_those_and_no_more() {
    let service = Service::start().await;
    for endpoint in TOKEN_ENDPOINTS {
        let answer = grant(&service, endpoint, &json!({ "scope": ["openid", "email"] })).await;
        assert_eq!(answer.status, 200, "{endpoint:?} {}", answer.raw);
        assert_eq!(scopes(&answer), ["openid", "email"], "{endpoint:?}");
        let none = grant(&service, endpoint, &json!({ "scope": [] })).await;
        assert_eq!(none.status, 200, "{endpoint:?} {}", none.raw);
        assert_eq!(scopes(&none), [""], "{endpoint:?}");
    }
}

#[tokio::test]
async fn another_type_than_text_is_refused_where_a_text_decides_what_is_granted() {
    let service = Service::start().await;
    for endpoint in TOKEN_ENDPOINTS {
        for more in [
            json!({ "audience": [demo::AUDIENCE] }),
            json!({ "audience": {} }),
            json!({ "scope": { "0": "openid" } }),
            json!({ "scope": ["openid", 1] }),
            json!({ "password": [demo::PASSWORD_OF_ALL] }),
            json!({ "client_secret": [] }),
            json!({ "username": { "$gt": "" } }),
            json!({ "token": ["123456"], "TwoFactorCode": ["123456"], "otp": ["123456"] }),
        ] {
            let answer = grant(&service, endpoint, &more).await;
            assert_eq!(answer.status, 400, "{endpoint:?} {more} {}", answer.raw);
            assert_eq!(answer.body["error"], "invalid_request", "{}", answer.raw);
        }
    }
}

#[tokio::test]
async fn what_is_no_parameter_of_ours_may_be_of_any_type_and_null_is_absent() {
    let service = Service::start().await;
    for endpoint in TOKEN_ENDPOINTS {
        let more = json!({
            "extraProperties": { "a": [1] }, "tags": ["x"], "audience": null, "client_secret": null,
        });
        let answer = grant(&service, endpoint, &more).await;
        assert_eq!(answer.status, 200, "{endpoint:?} {}", answer.raw);
    }
    let body = json!({
        "userName": "annlee", "emailAddress": "ann.lee@example.net",
        "password": "two green owls at dawn", "appName": "Angular",
        "extraProperties": { "company": "Acme" },
    });
    let answer = service.post_json("/api/account/register", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn the_routes_of_every_dialect_refuse_another_type_in_their_words() {
    let service = Service::start().await;
    let text = json!({ "email": ["a@example.com"], "password": "p", "token": {}, "code": [] });
    for (path, mark) in [
        ("/mfa/challenge", "\"error\":\"invalid_request\""),
        ("/mfa/verify", "\"error\":\"invalid_request\""),
        ("/oauth/revoke", "\"error\":\"invalid_request\""),
        ("/api/account/login", "\"error\":{"),
        ("/api/account/register", "\"error\":{"),
        ("/api/account/send-password-reset-code", "\"error\":{"),
        (
            "/api/two-factor-token/verify-two-factor-code",
            "\"error\":{",
        ),
        ("/api/accounts/login", "array or an object"),
        ("/api/accounts/twostepverification", "array or an object"),
        ("/api/accounts/registration", "array or an object"),
        ("/api/accounts/forgotpassword", "array or an object"),
        ("/api/accounts/resetpassword", "array or an object"),
    ] {
        let answer = service.post_json(path, &text).await;
        assert_eq!(answer.status, 400, "{path} {}", answer.raw);
        assert!(answer.raw.contains(mark), "{path} {}", answer.raw);
    }
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn a_member_that_stands_twice_is_refused_in_json_as_in_a_form() {
    let service = Service::start().await;
    for (path, client) in TOKEN_ENDPOINTS {
        let begin = format!(
            "\"grant_type\":\"password\",\"client_id\":\"{client}\",\"username\":\"{}\",\
             \"password\":\"{}\"",
            demo::PLAIN_USER,
            demo::PASSWORD_OF_ALL
        );
        for twice in [
            "\"scope\":\"openid\",\"scope\":\"openid email\"",
            "\"scope\":\"openid\",\"Scope\":\"openid email\"",
            "\"scope\":null,\"scope\":\"openid\"",
        ] {
            let answer = post(&service, path, JSON, format!("{{{begin},{twice}}}")).await;
            assert_eq!(answer.status, 400, "{path} {twice} {}", answer.raw);
            assert_eq!(answer.body["error"], "invalid_request", "{}", answer.raw);
        }
    }
}

#[tokio::test]
async fn names_in_two_cases_are_refused_and_never_taken_at_random() {
    let service = Service::start().await;
    let body = format!(
        "{{\"Email\":\"{}\",\"email\":\"nobody@example.com\",\"password\":\"{}\"}}",
        demo::PLAIN_USER,
        demo::PASSWORD_OF_ALL
    );
    for _ in 0..8 {
        let answer = post(&service, "/api/accounts/login", JSON, body.clone()).await;
        assert_eq!(answer.status, 400, "{}", answer.raw);
    }
    for path in [
        "/api/accounts/emailconfirmation?email=a%40example.com&Email=b%40example.com&token=x",
        "/api/account/two-factor-providers?userId=1&userid=2&token=x",
    ] {
        let answer = service.get(path, None).await;
        assert_eq!(answer.status, 400, "{path} {}", answer.raw);
    }
}

#[tokio::test]
async fn a_byte_order_mark_before_json_or_a_form_is_ignored_in_every_dialect() {
    let service = Service::start().await;
    for (path, client) in TOKEN_ENDPOINTS {
        let json = json!({
            "grant_type": "password", "client_id": client,
            "username": demo::PLAIN_USER, "password": demo::PASSWORD_OF_ALL,
        });
        let form = format!(
            "grant_type=password&client_id={client}&username={}&password={}",
            demo::PLAIN_USER,
            demo::PASSWORD_OF_ALL
        );
        let form_kind = "application/x-www-form-urlencoded";
        for (kind, body) in [(JSON, json.to_string()), (form_kind, form)] {
            let answer = post(&service, path, kind, format!("\u{feff}{body}")).await;
            assert_eq!(answer.status, 200, "{path} {kind} {}", answer.raw);
        }
    }
    let body = json!({ "email": demo::PLAIN_USER, "password": demo::PASSWORD_OF_ALL });
    let answer = post(
        &service,
        "/api/accounts/login",
        JSON,
        format!("\u{feff}{body}"),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn more_scopes_or_parameters_than_any_request_has_are_refused_before_the_password() {
    let service = Service::start().await;
    for endpoint in TOKEN_ENDPOINTS {
        let many: Vec<String> = (0..10_000).map(|at| format!("s{at}")).collect();
        let answer = grant(&service, endpoint, &json!({ "scope": many.join(" ") })).await;
        assert_eq!(answer.body["error"], "invalid_scope", "{}", answer.raw);
        let repeated = "openid ".repeat(9_000);
        let answer = grant(&service, endpoint, &json!({ "scope": repeated })).await;
        assert_eq!(answer.body["error"], "invalid_scope", "{}", answer.raw);
        let form = "a=b&".repeat(16_000);
        let kind = "application/x-www-form-urlencoded";
        let answer = post(&service, endpoint.0, kind, form).await;
        assert_eq!(answer.status, 400, "{}", answer.raw);
    }
}
