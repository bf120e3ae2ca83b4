//! Checks answers against the OpenAPI document: its operation must document every
//! answer of every test, including all its members.

use std::sync::LazyLock;

use axum::http::Method;
use countersign::openapi::SHAPES;
use countersign::routes::ROUTES;
use countersign::routes::words::words_of;
use serde_json::Value;

use super::Answer;
use super::events::schema::problems;

static DOCUMENT: LazyLock<Value> = LazyLock::new(countersign::openapi::document);

/// A route that takes an access token.
pub struct TakesAccessToken {
    /// Its method and its path, in which `{…}` stands for any part.
    pub route: (Method, &'static str),
    /// Whether the route refuses a request without a token.
    pub needed: bool,
}

/// The routes that take an access token, as their handlers' `security` says.
pub fn take_access_tokens() -> Vec<TakesAccessToken> {
    let mut found = Vec::new();
    for route in ROUTES {
        let method = route.method.as_str().to_ascii_lowercase();
        let operation = &DOCUMENT["paths"][route.path][method];
        let Some(ways) = operation["security"].as_array() else {
            continue;
        };
        if ways.iter().any(|way| way.get("access_token").is_some()) {
            let is_none = |way: &Value| way.as_object().is_some_and(|way| way.is_empty());
            found.push(TakesAccessToken {
                route: (route.method.clone(), route.path),
                needed: !ways.iter().any(is_none),
            });
        }
    }
    assert!(found.len() > 30, "{}", found.len());
    found
}

/// Whether a path is one of a pattern, in which `{…}` stands for any part.
pub fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.split('/'), path.split('/'));
    let alike = |(part, shown): (&str, &str)| part == shown || part.starts_with('{');
    pattern.clone().count() == path.clone().count() && pattern.zip(path).all(alike)
}

/// Checks the answer to a request of this method and path.
#[track_caller]
pub fn is_documented(method: &Method, path: &str, answer: &Answer) {
    // A preflight is a question of the browser, and no operation.
    if *method == Method::OPTIONS && answer.status == 204 {
        return;
    }
    let method = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    let routes = || ROUTES.iter().filter(|route| matches(route.path, path));
    let exact = routes().find(|route| route.path == path);
    let route = exact.or_else(|| routes().next());
    let operation = route.and_then(|route| {
        let method = method.as_str().to_ascii_lowercase();
        DOCUMENT["paths"][route.path].get(method)
    });
    let Some(operation) = operation else {
        let shape = words_of(path).shape;
        let (_, name) = SHAPES.iter().find(|(known, _)| *known == shape).unwrap();
        assert!(
            [404, 405].contains(&answer.status),
            "{method} {path}: {}",
            answer.status
        );
        return is_shared_response(name, answer);
    };
    let name = operation["operationId"].as_str().unwrap();
    let response = &operation["responses"][answer.status.to_string()];
    let what = format!("{name} {}", answer.status);
    assert!(
        response.is_object(),
        "{what} is not in docs/openapi.json: {}",
        answer.raw
    );
    match response.get("$ref") {
        Some(reference) => {
            let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
            fits(&what, DOCUMENT.pointer(pointer).unwrap(), answer);
        }
        None => fits(&what, response, answer),
    }
}

/// Checks a refusal or a fault of a shape.
#[track_caller]
pub fn is_shared_response(shape: &str, answer: &Answer) {
    let name = format!("{shape}-{}", answer.status);
    let response = &DOCUMENT["components"]["responses"][&name];
    assert!(
        response.is_object(),
        "{name} is not documented: {}",
        answer.raw
    );
    fits(&name, response, answer);
}

#[track_caller]
fn fits(what: &str, response: &Value, answer: &Answer) {
    has_headers(what, &response["headers"], answer);
    let Some(content) = response["content"].as_object() else {
        assert_eq!(answer.raw, "", "{what} has no body");
        return;
    };
    // The answer to a HEAD request has only headers.
    let kind = answer.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    let schema = &content
        .get(kind)
        .unwrap_or_else(|| panic!("{what}: content type {kind}"))["schema"];
    if answer.raw.is_empty() || kind == "text/plain" {
        return;
    }
    if kind == "text/html" {
        let whole = answer.raw.starts_with("<!DOCTYPE html>") && answer.raw.ends_with("</html>");
        return assert!(whole, "{what}: {}", answer.raw);
    }
    let body: Value = serde_json::from_str(&answer.raw).unwrap();
    let problems = problems(&body, schema, &DOCUMENT);
    assert!(problems.is_empty(), "{what}: {problems:?}: {}", answer.raw);
}

/// Checks the headers with a meaning: the required headers are there, and `Location`
/// and `Set-Cookie` are documented.
#[track_caller]
fn has_headers(what: &str, documented: &Value, answer: &Answer) {
    let is_documented = |name: &str| documented.get(name).is_some();
    for name in ["Location", "Set-Cookie"] {
        let there = answer.headers.contains_key(name);
        let needed = documented[name]["required"] == true;
        assert!(there || !needed, "{what} has no {name}");
        assert!(is_documented(name) || !there, "{what} has a {name}");
    }
    if is_documented("Retry-After") {
        let seconds = answer.number_header("retry-after");
        assert!(seconds >= 0, "{what}: {seconds}");
    }
}
