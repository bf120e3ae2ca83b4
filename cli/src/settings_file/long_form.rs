//! The YAML of a CloudFormation template as JSON.

use serde_json::{Value, json};
use yaml_serde::Value as Yaml;

/// A template with its tags in their long form: `!Ref x` as `{"Ref": "x"}`, `!GetAtt x.y` as
/// `{"Fn::GetAtt": ["x", "y"]}`.
pub fn long_form(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let value = long_form(tagged.value);
            match (tag.trim_start_matches('!'), &value) {
                (name @ ("Ref" | "Condition"), _) => json!({ name: value }),
                ("GetAtt", Value::String(path)) => {
                    let parts: Vec<&str> = path.splitn(2, '.').collect();
                    json!({ "Fn::GetAtt": parts })
                }
                (name, _) => json!({ format!("Fn::{name}"): value }),
            }
        }
        Yaml::Mapping(members) => {
            let member = |(name, value): (Yaml, Yaml)| {
                let name = name.as_str().unwrap_or_default().to_owned();
                (name, long_form(value))
            };
            Value::Object(members.into_iter().map(member).collect())
        }
        Yaml::Sequence(items) => items.into_iter().map(long_form).collect(),
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => json!(flag),
        Yaml::Number(number) => match number.as_i64() {
            Some(whole) => json!(whole),
            None => json!(number.as_f64()),
        },
        Yaml::String(text) => json!(text),
    }
}
