//! Makes a test event for each route that has none, and keeps the list of events.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::openapi::document;
use countersign::routes::{ROUTES, Route};
use serde_json::{Value, json};

use crate::derived::{Derived, file, read};

const LIST: &str = "events/README.md";

/// The missing events, and the list of all events with their placeholders.
pub fn missing(workspace: &Path) -> Result<Vec<Derived>, String> {
    let mut events = kept(workspace)?;
    let document = document();
    let keys: Vec<String> = events.iter().filter_map(Event::route_key).collect();
    let mut all = Vec::new();
    for route in ROUTES.iter().filter(|route| !keys.contains(&key(route))) {
        let (name, json) = (name(route), skeleton(route, &document));
        let text = format!("{json:#}\n");
        all.push(file(&format!("events/{name}"), text.clone()));
        events.push(Event { name, text, json });
    }
    events.sort_by(|one, other| one.name.cmp(&other.name));
    all.push(file(LIST, listed(&read(workspace, LIST)?, &events)?));
    Ok(all)
}

/// A file of `events/`.
struct Event {
    name: String,
    text: String,
    json: Value,
}

impl Event {
    /// The route that the event is for. An event with a wrong method does not count as
    /// an event of its route.
    fn route_key(&self) -> Option<String> {
        let key = self.json["routeKey"].as_str();
        key.filter(|_| !self.name.ends_with("-method.json"))
            .map(str::to_owned)
    }

    /// The names in `{{…}}`, in the order in which they stand in the event, also in a
    /// base64 body.
    fn placeholders(&self) -> Vec<String> {
        let body = self.json["body"].as_str().unwrap_or_default();
        let body = match self.json["isBase64Encoded"] == true {
            true => STANDARD.decode(body).unwrap_or_default(),
            false => Vec::new(),
        };
        let whole = format!("{}{}", self.text, String::from_utf8_lossy(&body));
        let mut names: Vec<String> = Vec::new();
        for rest in whole.split("{{").skip(1) {
            let name = rest.split("}}").next().unwrap_or_default().to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn row(&self) -> String {
        let names: Vec<String> = self.placeholders();
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let cell = match quoted.is_empty() {
            true => "none".to_owned(),
            false => quoted.join(", "),
        };
        format!("| `{}` | {cell} |\n", self.name)
    }
}

fn key(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

fn kept(workspace: &Path) -> Result<Vec<Event>, String> {
    let folder = workspace.join("events");
    let entries = std::fs::read_dir(folder).map_err(|error| format!("events: {error}"))?;
    let mut events = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| format!("events: {error}"))?.path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let problem = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(&path).map_err(|error| problem(&error))?;
        let json = serde_json::from_str(&text).map_err(|error| problem(&error))?;
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        events.push(Event { name, text, json });
    }
    Ok(events)
}

/// `<function>-<dialect>-<path>.json`.
fn name(route: &Route) -> String {
    let dialect = match route.kind.switch {
        Some(_) => route.kind.words.dialect.name(),
        None => "oauth",
    };
    let path = route.path.to_ascii_lowercase();
    let words: Vec<&str> = path
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let method = route.method.as_str().to_ascii_lowercase();
    format!(
        "{}-{dialect}-{method}-{}.json",
        route.function.name(),
        words.join("-")
    )
}

/// The list with a row for each of these events.
fn listed(list: &str, events: &[Event]) -> Result<String, String> {
    const HEAD: &str = "| event | placeholders |\n|---|---|\n";
    let (before, rest) = list
        .split_once(HEAD)
        .ok_or_else(|| format!("{LIST} has no table of events"))?;
    let (_, after) = rest.split_once("\n\n").unwrap_or((rest, ""));
    let rows: String = events.iter().map(Event::row).collect();
    Ok(format!("{before}{HEAD}{rows}\n{after}"))
}

/// Whether the handler's `security` says that the route takes an access token.
fn takes_access_token(route: &Route, document: &Value) -> bool {
    let method = route.method.as_str().to_ascii_lowercase();
    let ways = document["paths"][route.path][method]["security"].as_array();
    ways.is_some_and(|ways| ways.iter().any(|way| way.get("access_token").is_some()))
}

/// An app's request, with an access token if the route takes one, and with an empty
/// object as body. Every parameter of the path is 1.
fn skeleton(route: &Route, document: &Value) -> Value {
    let parts = route.path.split('/');
    let filled = parts.map(|part| if part.starts_with('{') { "1" } else { part });
    let path = filled.collect::<Vec<_>>().join("/");
    let key = key(route);
    let mut event = json!({
        "version": "2.0",
        "routeKey": key,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "content-type": "application/json",
            "host": "login.example.com",
            "user-agent": "okhttp/4.12.0",
            "x-amzn-trace-id": "Root=1-69f1e0c4-80bbc83a4b007878128bb938",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "login.example.com",
            "domainPrefix": "login",
            "http": {
                "method": route.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "okhttp/4.12.0",
            },
            "requestId": "kUeXLF3dhkSpgbu=",
            "routeKey": key,
            "stage": "$default",
            "time": "15/Jan/2027:08:00:00 +0000",
            "timeEpoch": 1_800_000_000_000_i64,
        },
    });
    if route.method.as_str() == "POST" {
        event["body"] = json!("{}");
    }
    if takes_access_token(route, document) {
        event["headers"]["authorization"] = json!("Bearer {{access_token}}");
    }
    event["isBase64Encoded"] = json!(false);
    event
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Event, ROUTES, document, listed, name, skeleton};

    #[test]
    fn the_list_names_each_event_and_the_placeholders_of_its_headers_and_its_body() {
        let list = "Text.\n\n| event | placeholders |\n|---|---|\n| `old.json` | none |\n\n\
                    More.\n\nText.\n";
        let event = |name: &str, json: Value| Event {
            name: name.to_owned(),
            text: json.to_string(),
            json,
        };
        let encoded = json!({ "isBase64Encoded": true, "body": "e3tjb2RlfX0=" });
        let events = [
            event("a.json", json!({ "headers": "{{one}} {{two}} {{one}}" })),
            event("b.json", json!({})),
            event("c.json", encoded),
        ];
        let with = listed(list, &events).unwrap_or_default();
        let rows = "| `a.json` | `one`, `two` |\n| `b.json` | none |\n| `c.json` | `code` |\n";
        assert_eq!(with, list.replace("| `old.json` | none |\n", rows));
        assert!(listed("Text.\n", &events).is_err());
    }

    #[test]
    fn a_new_event_has_an_access_token_if_its_route_takes_one() {
        let document = document();
        let with_token: Vec<&str> = ROUTES
            .iter()
            .filter(|route| skeleton(route, &document)["headers"]["authorization"].is_string())
            .map(|route| route.path)
            .collect();
        assert!(
            with_token.contains(&"/userinfo") && with_token.contains(&"/api/account/my-profile")
        );
        assert!(!with_token.contains(&"/oauth/token"));
    }

    #[test]
    fn a_new_events_name_begins_with_its_function_and_is_no_other_routes() {
        let mut names: Vec<String> = ROUTES.iter().map(name).collect();
        for (route, name) in ROUTES.iter().zip(&names) {
            assert!(name.starts_with(route.function.name()), "{name}");
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), ROUTES.len());
    }
}
