//! `GET /_local/settings`: the settings in force, each with its value and its source.

use axum::middleware::from_fn;
use axum::routing::get;
use axum::{Json, Router};
use countersign::config::declared::{SUBJECTS, setting::Absent, setting::Setting};
use countersign::config::environment::{SafeValue, safe_value};
use serde_json::{Value, json};

use crate::http::own_host::own_host_only;

/// A setting in force: name and value.
type Pair = (String, String);

/// The answer is `[{"title", "settings": [{"name", "value", "from", "meaning"}]}]`. `from`
/// is `environment`, `cargo local` for a value that is this machine's own, or `default`.
/// The value of a secret is not shown.
pub fn settings_routes(in_force: &[Pair], of_environment: &[String]) -> Router {
    let shown: Vec<Value> = SUBJECTS
        .iter()
        .map(|subject| {
            let settings = subject.settings.iter();
            let settings = settings.map(|setting| setting_json(setting, in_force, of_environment));
            json!({ "title": subject.title, "settings": settings.collect::<Vec<_>>() })
        })
        .collect();
    let show = get(async move || Json(shown.clone()));
    Router::new()
        .route("/_local/settings", show)
        .layer(from_fn(own_host_only))
}

fn setting_json(setting: &Setting, in_force: &[Pair], of_environment: &[String]) -> Value {
    let found = in_force.iter().find(|(name, _)| name == setting.name);
    let (value, from) = match found {
        Some((name, value)) => {
            let from = match of_environment.contains(name) {
                true => "environment",
                false => "cargo local",
            };
            (in_words(safe_value(name, value)), from)
        }
        None => (without_value(setting.absent), "default"),
    };
    json!({ "name": setting.name, "value": value, "from": from, "meaning": setting.meaning })
}

fn in_words(value: SafeValue) -> String {
    match value {
        SafeValue::Empty => "empty".to_owned(),
        SafeValue::Secret => "set; secret".to_owned(),
        SafeValue::Text(text) => text,
    }
}

fn without_value(absent: Absent) -> String {
    match absent {
        Absent::Refused => "none".to_owned(),
        Absent::Value(value) | Absent::Told(value) => value.to_owned(),
    }
}
