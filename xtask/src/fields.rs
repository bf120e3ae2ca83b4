//! The parameters that the handlers document, as lists for `wire/`. A parameter of a wrong
//! JSON type is refused, and a name that is nearly a parameter's. The functions contain no
//! OpenAPI document, so the lists stand in a source file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use countersign::openapi::document;
use countersign::routes::ROUTES;
use serde_json::Value;

/// The source file with the lists.
pub const FILE: &str = "shared/src/wire/documented_fields.rs";

const HEAD: &str = concat!(
    "//! The parameters that the handlers document. `cargo xtask routes` writes this file.\n",
    "\nuse ",
    "crate",
    "::wire::Shape;\n"
);

/// The parameters of one operation, each with its JSON type.
type Parameters = BTreeMap<String, String>;

/// What a reference leads to.
fn resolved<'a>(document: &'a Value, mut value: &'a Value) -> &'a Value {
    while let Some(reference) = value["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        value = document.pointer(pointer).unwrap_or(&Value::Null);
    }
    value
}

fn all_of(schema: &Value) -> impl Iterator<Item = &Value> {
    let parts = ["allOf", "anyOf", "oneOf"].into_iter();
    parts.flat_map(|part| schema[part].as_array().into_iter().flatten())
}

/// The JSON type of a schema, without `null`.
fn kind(document: &Value, schema: &Value) -> Option<String> {
    let schema = resolved(document, schema);
    let named = match &schema["type"] {
        Value::String(kind) => Some(kind.as_str()),
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null"),
        _ => None,
    };
    match named.filter(|kind| *kind != "null") {
        Some(kind) => Some(kind.to_owned()),
        None => all_of(schema).find_map(|part| kind(document, part)),
    }
}

fn add_members(document: &Value, schema: &Value, found: &mut Parameters) {
    let schema = resolved(document, schema);
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let kind = kind(document, member).unwrap_or_else(|| "string".to_owned());
        found.insert(name.clone(), kind);
    }
    for part in all_of(schema) {
        add_members(document, part, found);
    }
}

/// What an operation reads from its query and its body.
fn parameters(document: &Value, operation: &Value) -> Parameters {
    let mut found = Parameters::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = resolved(document, parameter);
        if parameter["in"] == "query"
            && let Some(name) = parameter["name"].as_str()
        {
            let kind = kind(document, &parameter["schema"]);
            found.insert(name.to_owned(), kind.unwrap_or_else(|| "string".to_owned()));
        }
    }
    let body = resolved(document, &operation["requestBody"]);
    for media in body["content"]
        .as_object()
        .into_iter()
        .flat_map(|all| all.values())
    {
        add_members(document, &media["schema"], &mut found);
    }
    found
}

fn list(names: &BTreeSet<String>) -> String {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| format!("    \"{name}\",\n"))
        .collect();
    format!("&[\n{}]", quoted.concat())
}

/// The source file.
pub fn source() -> String {
    let document = document();
    let mut by_shape: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut by_kind: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for route in ROUTES {
        let method = route.method.as_str().to_lowercase();
        let operation = &document["paths"][route.path][method];
        let names = by_shape
            .entry(format!("{:?}", route.kind.words.shape))
            .or_default();
        for (name, kind) in parameters(&document, operation) {
            let list = match kind.as_str() {
                "array" => "LISTS",
                "object" => "OBJECTS",
                _ => "TEXTS",
            };
            by_kind.entry(list).or_default().insert(name.to_lowercase());
            names.insert(name);
        }
    }
    let mut text = HEAD.to_owned();
    for (name, what) in [
        ("LISTS", "lists"),
        ("OBJECTS", "objects"),
        ("TEXTS", "texts, numbers or truth values"),
    ] {
        let names = by_kind.get(name).cloned().unwrap_or_default();
        // Writing to a `String` cannot fail.
        let _written = write!(
            text,
            "\n/// The parameters that are {what}, in lower case.\n#[rustfmt::skip]\n\
             pub(super) const {name}: &[&str] = {};\n",
            list(&names)
        );
    }
    text.push_str("\n/// The parameters of the routes of a shape.\n#[rustfmt::skip]\n");
    text.push_str("pub(super) fn documented(shape: Shape) -> &'static [&'static str] {\n");
    text.push_str("    match shape {\n");
    for (shape, names) in &by_shape {
        let list = list(names).replace('\n', "\n        ");
        let _written = writeln!(text, "        Shape::{shape} => {list},");
    }
    text.push_str("    }\n}\n");
    text
}
