//! Makes a test event for each route that has none, and its row in the list of events.

use std::path::Path;

use countersign::routes::{ROUTES, Route};
use serde_json::{Value, json};

use super::{Derived, file, read};

const LIST: &str = "events/README.md";

/// The missing events, and the list with their rows.
pub fn missing(workspace: &Path) -> Result<Vec<Derived>, String> {
    let kept = kept(workspace)?;
    let has_event = |route: &&Route| kept.contains(&key(route));
    let (mut all, mut list) = (Vec::new(), read(workspace, LIST)?);
    for route in ROUTES.iter().filter(|route| !has_event(route)) {
        let name = name(route);
        list = listed(&list, &name)?;
        let text = format!("{:#}\n", skeleton(route));
        all.push(file(&format!("events/{name}"), text));
    }
    all.push(file(LIST, list));
    Ok(all)
}

fn key(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

/// The routes of the existing events.
fn kept(workspace: &Path) -> Result<Vec<String>, String> {
    let folder = workspace.join("events");
    let entries = std::fs::read_dir(folder).map_err(|error| format!("events: {error}"))?;
    let mut keys = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| format!("events: {error}"))?.path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        let event: Value =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        // An event with a wrong method does not count as an event of its route.
        let wrong = path
            .file_stem()
            .is_some_and(|name| name.to_string_lossy().ends_with("-method"));
        if let (Some(key), false) = (event["routeKey"].as_str(), wrong) {
            keys.push(key.to_owned());
        }
    }
    Ok(keys)
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

/// The list with a row for this event, in alphabetical order.
fn listed(list: &str, name: &str) -> Result<String, String> {
    let line = format!("| `{name}` | none |\n");
    let (head, rest) = list
        .split_once("| event | placeholders |\n|---|---|\n")
        .ok_or_else(|| format!("{LIST} has no table of events"))?;
    let (rows, after) = rest.split_once("\n\n").unwrap_or((rest, ""));
    let mut rows: Vec<String> = rows.lines().map(|row| format!("{row}\n")).collect();
    let at = rows
        .iter()
        .position(|row| *row > line)
        .unwrap_or(rows.len());
    rows.insert(at, line);
    let rows = rows.concat();
    Ok(format!(
        "{head}| event | placeholders |\n|---|---|\n{rows}\n{after}"
    ))
}

/// An app's request without a token, with an empty object as body. Every parameter of
/// the path is 1.
fn skeleton(route: &Route) -> Value {
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
    event["isBase64Encoded"] = json!(false);
    event
}

#[cfg(test)]
mod tests {
    use super::{ROUTES, listed, name};

    #[test]
    fn a_new_event_stands_in_the_list_at_its_place_in_the_alphabet() {
        let list = "Text.\n\n| event | placeholders |\n|---|---|\n| `a.json` | none |\n\
                    | `c.json` | `id` |\n\nMore.\n\nText.\n";
        for (name, before) in [
            ("b.json", "| `c.json`"),
            ("d.json", "\nMore."),
            ("A.json", "| `a"),
        ] {
            let with = listed(list, name).unwrap_or_default();
            let line = format!("| `{name}` | none |\n");
            assert!(with.contains(&format!("{line}{before}")), "{with}");
            assert_eq!(with.replace(&line, ""), list);
        }
        assert!(listed("Text.\n", "b.json").is_err());
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
