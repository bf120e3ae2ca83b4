//! The events of the requests under test: each request has the one event that it
//! must have, and the event fits its schema.

pub mod metrics;
pub mod schema;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use axum::http::Method;
use countersign::domain::Dialect;
use countersign::domain::device::Device;
use countersign::domain::events::attempt::Attempt;
use countersign::domain::events::kind::{About, EventKind};
use countersign::domain::events::verdict::Verdict;
use countersign::domain::factors::factor::Method as Factor;
use countersign::domain::messages::delivery::Trouble;
use countersign::domain::metrics::metric::Metric;
use countersign::routes::{ROUTES, Route};
use serde_json::{Map, Value, json};

use super::Answer;
use super::log::{line_count, lines_from};
use super::refusals::{next_steps, refusals};
use metrics::{is_document, problems_of_document, values};
use schema::problems;

/// What a line of the log has beside the members of an event.
const OF_THE_LINE: [&str; 3] = ["timestamp", "level", "message"];

const DEVICES: [Device; 8] = [
    Device::Apple,
    Device::Android,
    Device::Windows,
    Device::Mac,
    Device::Linux,
    Device::App,
    Device::Browser,
    Device::Unknown,
];

/// The schema of an event, made from what the program knows. `docs/` keeps it.
pub fn schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(make);
    &SCHEMA
}

/// Every reason that an event can have.
pub fn reasons() -> BTreeSet<&'static str> {
    let of_requests = [
        "request_not_supported",
        "request_uri_not_supported",
        "registration_not_supported",
        "user_unknown",
    ];
    let refusals = refusals();
    let next_steps = next_steps();
    let refused = refusals.iter().map(|refusal| refusal.name());
    let lacking = next_steps.iter().map(|next| next.name());
    let of_marks = Trouble::ALL.map(Trouble::name);
    let of_requests = of_requests.into_iter().chain(of_marks);
    refused.chain(lacking).chain(of_requests).collect()
}

/// Every `type` that an event of this kind can have.
pub fn codes_of(kind: EventKind) -> BTreeSet<&'static str> {
    let factors = Factor::ALL.into_iter().map(Some).chain([None]);
    let mut codes = BTreeSet::new();
    for factor in factors {
        let counted = refusals()
            .into_iter()
            .map(|refusal| Verdict::of(&refusal).counted());
        for refusal in counted {
            for user_known in [false, true] {
                codes.insert(kind.type_code(About {
                    factor,
                    refusal,
                    user_known,
                }));
            }
        }
    }
    codes
}

fn make() -> Value {
    let codes: BTreeSet<&str> = EventKind::ALL.iter().copied().flat_map(codes_of).collect();
    let kinds: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.name()).collect();
    let text = json!({ "type": "string" });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An event of Countersign",
        "description": "The CloudEvents 1.0 envelope on the bus. A line of the log has the members of `data`.",
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "datacontenttype", "data"],
        "properties": {
            "specversion": { "type": "string", "enum": ["1.0"] },
            "id": text,
            "source": text,
            "type": { "type": "string", "enum": codes },
            "time": text,
            "subject": text,
            "datacontenttype": { "type": "string", "enum": ["application/json"] },
            "data": { "$ref": "#/$defs/data" },
        },
        "$defs": { "data": {
            "type": "object",
            "required": ["date", "log_id", "type", "event"],
            "properties": {
                "date": text,
                "log_id": text,
                "type": { "type": "string", "enum": codes },
                "event": { "type": "string", "enum": kinds },
                "reason": { "type": "string", "enum": reasons() },
                "user_id": text,
                "client_id": text,
                "factor": { "type": "string", "enum": Factor::ALL.map(Factor::name) },
                "session_id": text,
                "key_id": text,
                "act": text,
                "by": text,
                "why": text,
                "act_id": text,
                "ip": text,
                "device": { "type": "string", "enum": DEVICES.map(Device::name) },
                "dialect": { "type": "string", "enum": Dialect::ALL.map(Dialect::name) },
                "request_id": text,
                "also": { "type": "array", "items": { "type": "string", "enum": codes } },
            },
        } },
    })
}

/// What is wrong with the members of an event.
pub fn problems_of(data: &Value) -> Vec<String> {
    problems(data, &schema()["$defs"]["data"], schema())
}

/// The event in a line of the log, if the line is one.
pub fn event_of(line: &Value) -> Option<Value> {
    if line["message"] != "event" {
        return None;
    }
    let mut data: Map<String, Value> = line.as_object()?.clone();
    for name in OF_THE_LINE {
        data.remove(name);
    }
    if let Some(also) = data.get("also").and_then(Value::as_str) {
        let codes: Vec<&str> = also.split(' ').collect();
        data.insert("also".to_owned(), json!(codes));
    }
    Some(Value::Object(data))
}

/// The events in these lines.
pub fn events_of(lines: &[Value]) -> Vec<Value> {
    lines.iter().filter_map(event_of).collect()
}

/// Where the log stands before a request.
pub fn before() -> usize {
    line_count()
}

/// Checks that the request has left exactly the event that it must leave, and metrics
/// that fit their table.
#[track_caller]
pub fn check(method: &Method, path: &str, answer: &Answer, before: usize) {
    let id = answer.header("x-request-id").unwrap_or_default();
    let lines = lines_from(before, id);
    let requests = lines.iter().filter(|line| line["message"] == "request");
    let request = match requests.collect::<Vec<_>>()[..] {
        [one] => one,
        ref several => panic!("{} lines for {method} {path}: {lines:?}", several.len()),
    };
    let events = events_of(&lines);
    for event in &events {
        let wrong = problems_of(event);
        assert!(wrong.is_empty(), "{event} does not fit: {wrong:?}");
    }
    let documents: Vec<&Value> = lines.iter().filter(|line| is_document(line)).collect();
    assert!(!documents.is_empty(), "no metrics of {method} {path}");
    for document in &documents {
        let wrong = problems_of_document(document);
        assert!(wrong.is_empty(), "{document}: {wrong:?}");
    }
    only_marked_routes_send(method, request, &documents);
    let wanted = wanted(method, request);
    assert!(
        wanted.contains(&events.len()),
        "{method} {path} left {} events: {lines:?}",
        events.len()
    );
}

/// Checks that the line of a route says so, if a request sent a code, or a link without a
/// refusal.
fn only_marked_routes_send(method: &Method, request: &Value, documents: &[&Value]) {
    let documents: Vec<Value> = documents.iter().map(|one| (*one).clone()).collect();
    let is_good = request["outcome"] == "ok";
    let counts = |(labels, _): &(Vec<&str>, f64)| {
        labels.contains(&"code") || is_good && labels.contains(&"link")
    };
    if !values(&documents, Metric::MessagesSent).iter().any(counts) {
        return;
    }
    let mut marked = ROUTES.iter().filter(|route| route.sends);
    let is_marked = marked.any(|route| route.method == *method && request["route"] == route.path);
    assert!(
        is_marked,
        "write `, sends` at the line of this route: {request}"
    );
}

/// How many events a request must leave. A success or a refusal of a route with an attempt
/// leaves exactly one. A success that only reads leaves none.
fn wanted(method: &Method, request: &Value) -> std::ops::RangeInclusive<usize> {
    let said = |name: &str| request[name].as_str().unwrap_or_default();
    let answered_by = match *method == Method::HEAD {
        true => &Method::GET,
        false => method,
    };
    let is_it = |route: &&Route| route.method == *answered_by && route.path == said("route");
    // No route, or another method than the routes of this path have.
    let Some(route) = ROUTES.iter().find(is_it) else {
        return 0..=0;
    };
    let reads = *method == Method::GET || *method == Method::HEAD;
    // A page that is looked at repeats what a form was told before, with its status.
    let good = said("outcome") == "ok" && (reads || request["status"].as_u64() < Some(400));
    match (route.attempt, said("outcome")) {
        (Attempt::Nothing, _) => 0..=0,
        // Neither a success nor a refusal. What was done before the failure leaves an event.
        (_, "broken") => 0..=1,
        (Attempt::Look, _) if good => 0..=0,
        _ => 1..=1,
    }
}
