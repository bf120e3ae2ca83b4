//! The template for `sam deploy --guided`. SAM asks for each parameter of a template, so this
//! template has the parameters of the questions only. The settings file has the values of
//! the others, and this template has these values in their places.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::problem::Problem;
use crate::settings_file::rules;
use crate::settings_file::template::Template;
use crate::stack::{self, SETTINGS_OUTPUT};

/// The parameters that SAM asks for. The region is the eighth question.
pub const ASKED: [&str; 7] = [
    "ProductName",
    "SenderAddress",
    "DomainName",
    "SmsCountries",
    "Dialects",
    "FirstClientId",
    "AlarmEmail",
];

/// The template with these values. The values of the questions become their defaults. A
/// secret that is set stays a parameter without a default, so the file has no secret.
///
/// # Errors
/// Exit code 1 if a rule of the template is unknown, which a test rules out.
pub(super) fn guided_template(
    template: &Template,
    parameters: &BTreeMap<String, String>,
) -> Result<Value, Problem> {
    let mut declared = Map::new();
    let mut carried = BTreeMap::new();
    // SAM asks in the order of the file.
    let asked = ASKED
        .iter()
        .filter_map(|name| template.parameters.get_key_value(*name));
    let others = template.parameters.iter();
    let others = others.filter(|(name, _)| !ASKED.contains(&name.as_str()));
    for (name, parameter) in asked.chain(others) {
        let value = parameters.get(name).map_or("", String::as_str);
        let mut shown = template.document["Parameters"][name].clone();
        if ASKED.contains(&name.as_str()) {
            if !value.is_empty() {
                shown["Default"] = json!(value);
            }
            declared.insert(name.clone(), shown);
        } else if parameter.no_echo && !value.is_empty() {
            if let Some(members) = shown.as_object_mut() {
                members.shift_remove("Default");
            }
            declared.insert(name.clone(), shown);
        } else {
            carried.insert(name.clone(), parameter.resolved(value));
        }
    }
    let rules = left_rules(template, &carried)?;
    let settings = settings_output(template, &declared, parameters);
    let mut made = template.document.clone();
    for part in ["Globals", "Conditions", "Resources", "Outputs"] {
        made[part] = in_place(&made[part], &carried);
    }
    made["Parameters"] = Value::Object(declared);
    made["Rules"] = Value::Object(rules);
    made["Outputs"][SETTINGS_OUTPUT] = settings;
    if let Some(members) = made.as_object_mut() {
        // The groups of the parameters.
        members.shift_remove("Metadata");
    }
    Ok(made)
}

/// The output that tells the operators' tool what the parameters of a stack do not tell.
fn settings_output(
    template: &Template,
    declared: &Map<String, Value>,
    parameters: &BTreeMap<String, String>,
) -> Value {
    let filled = parameters.iter().filter(|(_, value)| !value.is_empty());
    let told =
        filled.filter(|(name, _)| stack::reads_parameter(name) && !declared.contains_key(*name));
    let told = told.map(|(name, value)| {
        let parameter = template.parameters.get(name);
        let text = parameter.map_or_else(|| value.clone(), |parameter| parameter.text_of(value));
        (name, text)
    });
    let told: BTreeMap<&String, String> = told.collect();
    json!({
        "Description": "The settings that are no parameters, for the tool countersign",
        "Value": json!(told).to_string(),
    })
}

/// The rules that an answer can still break, with the values in their places.
fn left_rules(
    template: &Template,
    carried: &BTreeMap<String, Value>,
) -> Result<Map<String, Value>, Problem> {
    let mut left = Map::new();
    for (name, rule) in &template.rules {
        let mut rule = in_place(rule, carried);
        if !has_reference(&rule) {
            continue;
        }
        if !has_reference(&rule["RuleCondition"]) {
            if !rules::applies(name, &rule, &BTreeMap::new())? {
                continue;
            }
            if let Some(members) = rule.as_object_mut() {
                members.shift_remove("RuleCondition");
            }
        }
        left.insert(name.clone(), rule);
    }
    Ok(left)
}

fn has_reference(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.contains_key("Ref") || members.values().any(has_reference)
        }
        Value::Array(items) => items.iter().any(has_reference),
        _ => false,
    }
}

/// A part of the template with these values in place of their parameters.
fn in_place(value: &Value, carried: &BTreeMap<String, Value>) -> Value {
    match value {
        Value::Object(members) => {
            if let Some(value) = members
                .get("Ref")
                .and_then(Value::as_str)
                .and_then(|name| carried.get(name))
            {
                return value.clone();
            }
            let member = |(name, value): (&String, &Value)| {
                let value = match name.as_str() {
                    "Fn::Sub" => in_text(value, carried),
                    _ => in_place(value, carried),
                };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(items) => items.iter().map(|item| in_place(item, carried)).collect(),
        plain => plain.clone(),
    }
}

/// The argument of `Fn::Sub`: a text, or a text and variables of its own.
fn in_text(argument: &Value, carried: &BTreeMap<String, Value>) -> Value {
    let own: BTreeSet<&str> = match argument.get(1).and_then(Value::as_object) {
        Some(own) => own.keys().map(String::as_str).collect(),
        None => BTreeSet::new(),
    };
    let filled = |text: &str| {
        let named = carried
            .iter()
            .filter(|(name, _)| !own.contains(name.as_str()));
        named.fold(text.to_owned(), |text, (name, value)| {
            // `${!` is how such a text writes `${`.
            let value = value.as_str().unwrap_or_default().replace("${", "${!");
            text.replace(&format!("${{{name}}}"), &value)
        })
    };
    match argument {
        Value::String(text) => json!(filled(text)),
        Value::Array(parts) => {
            let part = |part: &Value| match part {
                Value::String(text) => json!(filled(text)),
                variables => in_place(variables, carried),
            };
            parts.iter().map(part).collect()
        }
        other => other.clone(),
    }
}
