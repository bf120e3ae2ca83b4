//! API Gateway events. One function answers them as Lambda runs it: with its own routes
//! and its own keys.

use std::path::Path;

use axum::Router;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::lambda::answer_behind;
use countersign::routes::Function;
use countersign::routes::router::router;
use serde_json::Value;

use crate::harness::cold_start::app_with;
use crate::harness::document::is_documented;
use crate::harness::events;
use crate::harness::{Answer, Service};

/// The id of every invocation in a test.
pub const INVOCATION: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

/// The folder of the events.
pub fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../events"))
}

/// The event with this name. Each `{{placeholder}}` in it is filled, also inside a
/// base64 body.
pub fn kept(name: &str, values: &[(&str, &str)]) -> Value {
    let file = folder().join(format!("{name}.json"));
    let text = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut event: Value = serde_json::from_str(&text).unwrap();
    let encoded = event["isBase64Encoded"] == true;
    if encoded {
        let body = STANDARD.decode(event["body"].as_str().unwrap()).unwrap();
        event["body"] = Value::from(String::from_utf8(body).unwrap());
    }
    fill(&mut event, values);
    assert!(!event.to_string().contains("{{"), "{name} lacks a value");
    if encoded {
        event["body"] = Value::from(STANDARD.encode(event["body"].as_str().unwrap()));
    }
    event
}

fn fill(value: &mut Value, values: &[(&str, &str)]) {
    match value {
        Value::String(text) => {
            for (name, value) in values {
                *text = text.replace(&format!("{{{{{name}}}}}"), value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, values)),
        Value::Object(members) => members.values_mut().for_each(|member| fill(member, values)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The function whose name is the prefix of the event's name.
pub fn function_of(name: &str) -> Function {
    Function::ALL
        .into_iter()
        .find(|function| name.starts_with(&format!("{}-", function.name())))
        .unwrap_or_else(|| panic!("{name} begins with no function's name"))
}

impl Service {
    /// A cold start of one function, with only its routes and keys.
    pub fn function(&self, function: Function) -> Router {
        let purposes = function.purposes().to_vec();
        let app = app_with(
            &self.settings,
            &self.dynamodb,
            &self.others,
            &self.now,
            purposes,
        );
        router(&app, &[function.slice()])
    }

    /// Answers an event with a cold start of its function.
    pub async fn event(&self, name: &str, values: &[(&str, &str)]) -> Answer {
        for (name, value) in values {
            // Ids may be logged.
            if !name.ends_with("_id") {
                self.secrets.add(value);
            }
        }
        let function = self.function(function_of(name));
        self.answer_request(&function, kept(name, values)).await
    }

    /// Answers the event of a request, and checks what the request has left.
    pub async fn answer_request(&self, function: &Router, mut event: Value) -> Answer {
        let context = &mut event["requestContext"];
        // The lines of the request are found by an identifier that no other request has.
        context["requestId"] = Value::from(uuid::Uuid::new_v4().to_string());
        let method = context["http"]["method"].as_str().unwrap();
        let method = method.parse().unwrap();
        let path = event["rawPath"].as_str().unwrap().to_owned();
        let before = events::before();
        let answer = self.answer(function, event).await;
        is_documented(&method, &path, &answer);
        events::check(&method, &path, &answer, before);
        answer
    }

    /// Answers an event, and checks that API Gateway accepts the answer.
    pub async fn answer(&self, function: &Router, event: Value) -> Answer {
        let secret = self.app.config.edge_secret.as_ref();
        let answer = answer_behind(secret, function.clone(), event, INVOCATION.to_owned()).await;
        let answer = read(&answer);
        self.secrets.add_answer(&answer);
        answer
    }

    /// The environment of a function's process that uses this service's table and
    /// stand-ins.
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut environment = self.settings.clone();
        let mut set = |name: &str, value: &str| environment.push((name.into(), value.into()));
        set("AWS_REGION", "us-east-1");
        set("AWS_ACCESS_KEY_ID", "local");
        set("AWS_SECRET_ACCESS_KEY", "local");
        set("AWS_ENDPOINT_URL_DYNAMODB", &self.dynamodb);
        for name in ["KMS", "SESV2", "SNS"] {
            set(&format!("AWS_ENDPOINT_URL_{name}"), &self.others);
        }
        environment
    }
}

/// An answer in API Gateway's payload format 2.0. Every value has exactly the type that
/// the gateway requires, because for a wrong type the gateway itself answers 500.
pub fn read(answer: &Value) -> Answer {
    let members: Vec<&str> = answer
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        members,
        [
            "statusCode",
            "headers",
            "body",
            "isBase64Encoded",
            "cookies"
        ]
    );
    assert_eq!(answer["isBase64Encoded"], false, "{answer}");
    let raw = answer["body"].as_str().unwrap().to_owned();
    let mut headers = HeaderMap::new();
    for (name, value) in answer["headers"].as_object().unwrap() {
        let name: HeaderName = name.parse().unwrap();
        headers.insert(
            name,
            HeaderValue::from_str(value.as_str().unwrap()).unwrap(),
        );
    }
    for cookie in answer["cookies"].as_array().unwrap() {
        let cookie = HeaderValue::from_str(cookie.as_str().unwrap()).unwrap();
        headers.append(SET_COOKIE, cookie);
    }
    let status = u16::try_from(answer["statusCode"].as_u64().unwrap()).unwrap();
    assert!((100..600).contains(&status), "{answer}");
    Answer {
        status,
        headers,
        body: serde_json::from_str(&raw).unwrap_or(Value::Null),
        raw,
    }
}
