//! The routes of `cargo lambda watch`, and the events of `cargo lambda invoke`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::routes::ROUTES;
use countersign::routes::other_spellings::{OTHER_SPELLINGS, SpellingRoute};
use serde_json::Value;

use crate::deployment::events::routes::{filler, names};
use crate::tidy::source::{read, workspace};

/// The workspace's metadata, as cargo reads it.
pub fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(workspace())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn cargo_lambda_watch_serves_every_route_by_its_function_and_no_other() {
    let metadata = metadata();
    let router = metadata["metadata"]["lambda"]["watch"]["router"].as_object();
    let mut served = Vec::new();
    for (path, lines) in router.unwrap() {
        for line in lines.as_array().unwrap() {
            let text = |name: &str| line[name].as_str().unwrap().to_owned();
            served.push((path.clone(), text("method"), text("function")));
        }
    }
    let mut routes: Vec<_> = ROUTES
        .iter()
        .map(|route| {
            let function = route.function.name().to_owned();
            (route.path.to_owned(), route.method.to_string(), function)
        })
        .collect();
    routes.extend(OTHER_SPELLINGS.iter().map(
        |SpellingRoute {
             function,
             method,
             path,
         }| {
            // cargo-lambda's router writes the rest of a path in this way.
            let path = path.replace("{proxy+}", "{*proxy}");
            (path, method.to_string(), function.name().to_owned())
        },
    ));
    served.sort();
    routes.sort();
    assert_eq!(served, routes);
}

/// The names in `{{…}}` in a text.
fn placeholders(text: &str) -> BTreeSet<String> {
    let starts = text.split("{{").skip(1);
    let names = starts.map(|rest| rest.split("}}").next().unwrap().to_owned());
    names.collect()
}

/// The quoted names of a cell of a table.
fn quoted(cell: &str) -> BTreeSet<String> {
    let parts = cell.split('`').skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

#[test]
fn the_list_of_events_names_each_one_and_exactly_its_placeholders() {
    let mut held = BTreeMap::new();
    for name in names() {
        let file = format!("{name}.json");
        let text = read(&format!("events/{file}"));
        let event: Value = serde_json::from_str(&text).unwrap();
        let mut all = placeholders(&text);
        if event["isBase64Encoded"] == true {
            let body = STANDARD.decode(event["body"].as_str().unwrap()).unwrap();
            all.extend(placeholders(&String::from_utf8(body).unwrap()));
        }
        held.insert(file, all);
    }
    let readme = read("events/README.md");
    let mut listed = BTreeMap::new();
    for line in readme.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let &["", event, placeholders, ""] = cells.as_slice() else {
            continue;
        };
        if let Some(file) = quoted(event)
            .first()
            .filter(|file| held.contains_key(*file))
        {
            assert!(placeholders == "none" || placeholders.starts_with('`'));
            listed.insert(file.clone(), quoted(placeholders));
        }
    }
    assert_eq!(listed, held);
}

#[test]
fn the_list_of_events_says_where_each_placeholders_value_comes_from() {
    let readme = read("events/README.md");
    let (_, table) = readme.split_once("| placeholder | from |").unwrap();
    let told: BTreeSet<String> = table
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(quoted)
        .collect();
    let known = filler().into_iter().map(|(name, _)| name.to_owned());
    assert_eq!(told, known.collect());
}
