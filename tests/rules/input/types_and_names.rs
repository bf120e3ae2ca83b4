//! JSON of a wrong type, repeated members, and names that differ only in case never
//! grant more than was asked for. Each is refused in the words of its dialect.

use axum::body::Body;
use axum::http::{Request, header};
use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::{Answer, Service};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

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

#[tokio::test]
async fn a_name_that_is_nearly_a_parameters_is_refused_by_its_name_and_never_ignored() {
    let service = Service::start().await;
    for endpoint in TOKEN_ENDPOINTS {
        for (near, name) in [
            ("Scope", "scope"),
            ("SCOPE", "scope"),
            ("scope[]", "scope"),
            ("scope ", "scope"),
            ("Audience", "audience"),
            ("Client_Secret", "client_secret"),
            ("scope.0", "scope"),
            ("scope[0][1]", "scope"),
            ("scope:", "scope"),
            (".scope", "scope"),
            ("audience-1", "audience"),
            ("\u{ff53}cope", "scope"),
            ("sco\u{ad}pe", "scope"),
        ] {
            let text = grant(&service, endpoint, &json!({ near: "openid" })).await;
            let form = format!(
                "grant_type=password&client_id={}&username={}&password={}&{near}=openid",
                endpoint.1,
                demo::PLAIN_USER,
                demo::PASSWORD_OF_ALL
            );
            let form = post(&service, endpoint.0, FORM, form).await;
            for answer in [text, form] {
                assert_eq!(answer.status, 400, "{endpoint:?} {near} {}", answer.raw);
                assert_eq!(answer.body["error"], "invalid_request", "{}", answer.raw);
                let told = answer.body["error_description"].as_str().unwrap();
                assert!(told.ends_with(&format!(": {name}")), "{told}");
            }
        }
        let list = grant(&service, endpoint, &json!({ "scope[]": ["openid"] })).await;
        assert!(list.raw.contains(": scope"), "{}", list.raw);
        let unnamed = post(&service, endpoint.0, FORM, "GRANT_TYPE=password").await;
        assert!(unnamed.raw.contains(": grant_type"), "{}", unnamed.raw);
    }
}

#[tokio::test]
async fn a_name_with_a_control_character_is_refused_and_never_ignored() {
    let service = Service::start().await;
    for endpoint in TOKEN_ENDPOINTS {
        for name in ["scope\0", "\0scope", "sco\u{7f}pe", "hint\u{85}", "a\tb"] {
            let answer = grant(&service, endpoint, &json!({ name: "openid" })).await;
            assert_eq!(answer.status, 400, "{endpoint:?} {name:?} {}", answer.raw);
            assert_eq!(answer.body["error"], "invalid_request", "{}", answer.raw);
        }
        let form = "grant_type=password&scope%00=openid";
        let answer = post(&service, endpoint.0, FORM, form).await;
        assert_eq!(answer.status, 400, "{}", answer.raw);
        assert!(answer.raw.contains("control character"), "{}", answer.raw);
    }
    let path = format!("/auth/authorize?client_id={}", demo::AIDBOX_CLIENT);
    let answer = service.get(&format!("{path}&scope%00=openid"), None).await;
    assert_eq!(answer.status, 400, "{}", answer.raw);
}

#[tokio::test]
async fn a_really_different_name_is_ignored() {
    let service = Service::start().await;
    for endpoint in TOKEN_ENDPOINTS {
        let names = [
            "scopes",
            "scope_hint",
            "audience2",
            "scope-hint",
            "__tenant",
        ];
        for name in names {
            let answer = grant(&service, endpoint, &json!({ name: "openid" })).await;
            assert_eq!(answer.status, 200, "{endpoint:?} {name} {}", answer.raw);
        }
    }
}

#[tokio::test]
async fn the_other_endpoints_with_exact_names_refuse_what_is_nearly_theirs() {
    let service = Service::start().await;
    for (path, near, name) in [
        ("/oauth/revoke", "Token", "token"),
        ("/mfa/challenge", "MFA_TOKEN", "mfa_token"),
        ("/mfa/verify", "Code", "code"),
        ("/auth/signup", "Email", "email"),
    ] {
        let answer = post(&service, path, FORM, format!("{near}=x")).await;
        assert_eq!(answer.status, 400, "{path} {}", answer.raw);
        assert!(answer.raw.contains(name), "{path} {}", answer.raw);
    }
    for query in ["Scope=openid", "scope%5B%5D=openid", "scope=a&scope=b"] {
        let path = format!("/auth/authorize?client_id={}&{query}", demo::AIDBOX_CLIENT);
        let answer = service.get(&path, None).await;
        assert_eq!(answer.status, 400, "{query} {}", answer.raw);
    }
}

#[tokio::test]
async fn a_scope_that_stands_twice_in_a_form_is_refused() {
    let service = Service::start().await;
    for (path, client) in TOKEN_ENDPOINTS {
        let form = format!(
            "grant_type=password&client_id={client}&username={}&password={}&scope=openid&scope=email",
            demo::PLAIN_USER,
            demo::PASSWORD_OF_ALL
        );
        let answer = post(&service, path, FORM, form).await;
        assert_eq!(answer.status, 400, "{path} {}", answer.raw);
        assert_eq!(answer.body["error"], "invalid_request", "{}", answer.raw);
    }
}

#[tokio::test]
async fn asp_nets_json_is_read_whatever_the_case_of_its_names() {
    let service = Service::start().await;
    let (name, password) = (demo::PLAIN_USER, demo::PASSWORD_OF_ALL);
    let body = json!({ "EMAIL": name, "Password": password });
    let answer = service.post_json("/api/accounts/login", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let body = json!({ "UserNameOrEmailAddress": name, "PASSWORD": password });
    let answer = service.post_json("/api/account/login", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let form = format!(
        "grant_type=password&client_id={}&username={}&password={}\
         &TWOFACTORPROVIDER=Email&twofactorcode=000000",
        demo::ABP_CLIENT,
        demo::USER,
        demo::PASSWORD_OF_ALL
    );
    let answer = post(&service, "/connect/token", FORM, form).await;
    assert_eq!(answer.body["error"], "invalid_grant", "{}", answer.raw);
}

#[tokio::test]
async fn a_refresh_for_more_scopes_than_any_request_has_is_refused() {
    let service = Service::start().await;
    let more = json!({ "scope": "openid email offline_access" });
    let granted = grant(&service, TOKEN_ENDPOINTS[0], &more).await;
    let refreshed = async |scope: String| {
        let token = granted.text("refresh_token");
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", demo::CLIENT),
            ("refresh_token", token.as_str()),
            ("scope", scope.as_str()),
        ];
        service.post_form("/oauth/token", &fields).await
    };
    let answer = refreshed("openid ".repeat(9_000)).await;
    assert_eq!(answer.body["error"], "invalid_scope", "{}", answer.raw);
    let answer = refreshed("openid unknown openid".to_owned()).await;
    assert_eq!(answer.body["scope"], "openid", "{}", answer.raw);
}
