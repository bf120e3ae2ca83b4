//! Checks whether a value fits a schema. It supports only the JSON Schema keywords that
//! the OpenAPI document uses. An unknown keyword panics, so that nothing stays
//! unchecked.

use serde_json::Value;

/// The problems of a value, one sentence each. `root` is the document that references
/// point into. A member that no schema names is a problem.
pub fn problems(value: &Value, schema: &Value, root: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check("", value, schema, root, &mut found);
    found
}

/// Which of the document's keywords ask nothing of a value.
const NOTES: [&str; 8] = [
    "$schema",
    "$defs",
    "description",
    "title",
    "example",
    "examples",
    "format",
    "default",
];

fn check(at: &str, value: &Value, schema: &Value, root: &Value, found: &mut Vec<String>) {
    let keywords = schema
        .as_object()
        .unwrap_or_else(|| panic!("{schema} is no schema"));
    let mut wrong = |what: String| found.push(format!("{at}: {what}"));
    for (keyword, wanted) in keywords {
        match keyword.as_str() {
            "type" if !has_type(value, wanted) => wrong(format!("{value} is no {wanted}")),
            "enum" if !wanted.as_array().unwrap().contains(value) => {
                wrong(format!("{value} is none of {wanted}"));
            }
            "minimum" if value.is_number() && value.as_f64() < wanted.as_f64() => {
                wrong(format!("{value} < {wanted}"))
            }
            "maximum" if value.is_number() && value.as_f64() > wanted.as_f64() => {
                wrong(format!("{value} > {wanted}"))
            }
            "required" => {
                let names = wanted
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|name| name.as_str().unwrap());
                let lacks = |name: &&str| value.is_object() && value.get(name).is_none();
                names
                    .filter(lacks)
                    .for_each(|name| wrong(format!("lacks {name}")));
            }
            "type" | "enum" | "minimum" | "maximum" => {}
            "$ref"
            | "anyOf"
            | "oneOf"
            | "items"
            | "properties"
            | "additionalProperties"
            | "propertyNames" => {}
            note => assert!(NOTES.contains(&note), "unknown keyword {note}"),
        }
    }
    parts(at, value, schema, root, found);
}

/// The problems by the schemas inside this schema.
fn parts(at: &str, value: &Value, schema: &Value, root: &Value, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.strip_prefix('#').unwrap();
        let target = root
            .pointer(pointer)
            .unwrap_or_else(|| panic!("no {reference}"));
        check(at, value, target, root, found);
    }
    for keyword in ["anyOf", "oneOf"] {
        let Some(choices) = schema[keyword].as_array() else {
            continue;
        };
        let fitting = choices
            .iter()
            .filter(|one| problems(value, one, root).is_empty());
        let count = fitting.count();
        if count == 0 || (keyword == "oneOf" && count > 1) {
            found.push(format!("{at}: {value} fits {count} of {keyword}"));
        }
    }
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        for (index, one) in values.iter().enumerate() {
            check(&format!("{at}/{index}"), one, items, root, found);
        }
    }
    let Some(members) = value.as_object() else {
        return;
    };
    let (named, more) = (schema.get("properties"), schema.get("additionalProperties"));
    for (name, member) in members {
        let at = format!("{at}/{name}");
        match (named.and_then(|named| named.get(name)), more) {
            (Some(schema), _) | (None, Some(schema @ Value::Object(_))) => {
                check(&at, member, schema, root, found);
            }
            (None, _) if schema["type"] == "object" => found.push(format!("{at} is not named")),
            (None, _) => {}
        }
    }
}

fn has_type(value: &Value, wanted: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("unknown type {other}"),
    };
    match wanted {
        Value::String(one) => is(one),
        several => several
            .as_array()
            .unwrap()
            .iter()
            .any(|one| is(one.as_str().unwrap())),
    }
}

#[test]
fn a_value_fits_a_schema_or_it_is_said_why_not() {
    use serde_json::json;
    let root = json!({ "S": { "type": "string", "enum": ["a"] } });
    let schema = json!({
        "type": "object",
        "required": ["s"],
        "properties": {
            "s": { "$ref": "#/S" },
            "n": { "type": ["integer", "null"], "minimum": 1, "maximum": 2 },
            "l": { "type": "array", "items": { "type": "boolean" } },
            "m": { "type": "object", "additionalProperties": { "type": "string" } },
            "o": { "oneOf": [{ "type": "null" }, { "type": "number" }] },
        },
    });
    let fits = |value: Value| problems(&value, &schema, &root);
    let good = json!({ "s": "a", "n": null, "l": [true], "m": { "x": "y" }, "o": 1 });
    assert_eq!(fits(good), [""; 0]);
    for bad in [
        json!([]),
        json!({}),
        json!({ "s": "b" }),
        json!({ "s": "a", "n": 0 }),
        json!({ "s": "a", "n": 3 }),
        json!({ "s": "a", "n": "1" }),
        json!({ "s": "a", "l": [1] }),
        json!({ "s": "a", "m": { "x": 1 } }),
        json!({ "s": "a", "o": "1" }),
        json!({ "s": "a", "more": 1 }),
    ] {
        assert_eq!(fits(bad.clone()).len(), 1, "{bad}");
    }
}
