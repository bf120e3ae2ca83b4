//! The spellings of a path that ABP's and CodeMaze's own servers accept: any case of
//! letters, and a slash at the end.

use countersign::domain::Dialect;
use countersign::routes::ROUTES;
use countersign::routes::other_spellings::{OTHER_SPELLINGS, SpellingRoute};
use countersign::routes::words::words_of;
use countersign_local::demo;
use serde_json::json;

use crate::harness::Service;

/// A path in other spellings: as ASP.NET writes it, in upper case, and with a slash.
fn spellings(path: &str) -> Vec<String> {
    let capital = |part: &str| {
        let mut letters = part.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    let pascal: Vec<String> = path.split('/').map(capital).collect();
    let pascal = pascal.join("/");
    vec![
        format!("{path}/"),
        format!("{pascal}/"),
        pascal,
        path.to_ascii_uppercase(),
    ]
}

#[tokio::test]
async fn a_login_works_in_any_spelling_of_its_path_with_its_query_kept() {
    let service = Service::start().await;
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    for path in spellings("/connect/token") {
        let answer = service.post_form(&path, &fields).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.raw);
    }
    let body = json!({ "email": demo::PLAIN_USER, "password": demo::PASSWORD_OF_ALL });
    for path in spellings("/api/accounts/login") {
        let answer = service.post_json(&path, &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.raw);
    }
    for path in spellings("/api/accounts/emailconfirmation") {
        let path = format!("{path}?token=none&email=user@example.com");
        let answer = service.get(&path, None).await;
        let told = (400, "Invalid Email Confirmation Request");
        assert_eq!((answer.status, &*answer.raw), told, "{path}");
    }
}

#[tokio::test]
async fn every_path_of_abp_and_codemaze_is_found_in_any_spelling() {
    let service = Service::start().await;
    let theirs = |path: &str| matches!(words_of(path).dialect, Dialect::Abp | Dialect::CodeMaze);
    let mut seen = 0;
    for route in ROUTES.iter().filter(|route| theirs(route.path)) {
        let plain = route.path.replace(['{', '}'], "");
        for path in spellings(&plain) {
            // The service can only tell a wrong method if it knows the path.
            let request = axum::http::Request::builder()
                .method("PATCH")
                .uri(&path)
                .body(axum::body::Body::empty());
            let answer = service.send(request.unwrap()).await;
            assert_eq!(answer.status, 405, "{path}: {}", answer.raw);
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

#[tokio::test]
async fn an_issuer_with_a_slash_at_its_end_and_a_path_with_one_at_its_beginning_are_joined() {
    let service = Service::start().await;
    let discovery = "/abp//.well-known/openid-configuration";
    let found = service.get(discovery, None).await;
    assert_eq!(found.status, 200, "{}", found.raw);
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    for path in spellings("/abp/connect/token")
        .iter()
        .chain([&"/abp//connect/token".to_owned()])
    {
        let answer = service.post_form(path, &fields).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.raw);
        let issuer = answer.claims("access_token")["iss"].clone();
        assert_eq!(issuer, "https://localhost:8788/abp/", "{path}");
    }
}

#[tokio::test]
async fn the_paths_of_auth0_and_aidbox_are_compared_letter_by_letter_as_theirs_are() {
    let service = Service::start().await;
    for path in [
        "/OAuth/Token",
        "/oauth/token/",
        "/Auth/Token",
        "/auth/token/",
        "/session",
    ] {
        let answer = service.post_form(path, &[]).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.raw);
    }
}

#[test]
fn api_gateway_hands_codemazes_paths_and_those_of_both_issuers_over_in_any_spelling_but_for_the_first_word()
 {
    for route in ROUTES {
        let codemaze = words_of(route.path).dialect == Dialect::CodeMaze;
        let shared = ["/connect/", "/abp/"];
        if !codemaze && !shared.iter().any(|of| route.path.starts_with(of)) {
            continue;
        }
        let handed_over = OTHER_SPELLINGS.iter().any(
            |SpellingRoute {
                 function,
                 method,
                 path,
             }| {
                let prefix = path.strip_suffix("{proxy+}").unwrap();
                let reaches = route.path.starts_with(prefix);
                reaches && *function == route.function && *method == route.method
            },
        );
        assert!(handed_over, "{} {}", route.method, route.path);
    }
}
