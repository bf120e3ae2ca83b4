//! The template's rules: which answers need another answer.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::problem::Problem;
use crate::settings_file::template::Template;

/// What the broken rules say.
///
/// # Errors
/// Exit code 1 if a rule uses a function that this file does not know, which a test rules
/// out.
pub(super) fn broken_rules(
    template: &Template,
    parameters: &BTreeMap<String, String>,
) -> Result<Vec<String>, Problem> {
    let mut broken = Vec::new();
    for (name, rule) in &template.rules {
        if !applies(name, rule, parameters)? {
            continue;
        }
        let unknown = || unknown_rule(name);
        for assertion in rule["Assertions"].as_array().ok_or_else(unknown)? {
            if !holds(&assertion["Assert"], parameters).ok_or_else(unknown)? {
                let told = assertion["AssertDescription"].as_str();
                broken.push(told.unwrap_or(name).to_owned());
            }
        }
    }
    Ok(broken)
}

/// Whether the condition of a rule holds.
///
/// # Errors
/// Exit code 1 if the condition uses a function that this file does not know.
pub(super) fn applies(
    name: &str,
    rule: &Value,
    parameters: &BTreeMap<String, String>,
) -> Result<bool, Problem> {
    holds(&rule["RuleCondition"], parameters).ok_or_else(|| unknown_rule(name))
}

fn unknown_rule(name: &str) -> Problem {
    Problem::broken(format!("the rule {name} of the template is unknown"))
}

/// Whether a condition holds. `None` if it uses a function that is unknown here.
fn holds(condition: &Value, parameters: &BTreeMap<String, String>) -> Option<bool> {
    let (name, argument) = condition.as_object()?.iter().next()?;
    let each = || {
        let all = argument.as_array()?.iter();
        all.map(|one| holds(one, parameters))
            .collect::<Option<Vec<bool>>>()
    };
    match name.as_str() {
        "Fn::Not" => each()?.first().map(|holds| !holds),
        "Fn::And" => Some(each()?.into_iter().all(|holds| holds)),
        "Fn::Or" => Some(each()?.into_iter().any(|holds| holds)),
        "Fn::Equals" => {
            let (one, other) = (
                text(&argument[0], parameters)?,
                text(&argument[1], parameters)?,
            );
            Some(one == other)
        }
        "Fn::Contains" => {
            let wanted = text(&argument[1], parameters)?;
            let mut all = argument[0].as_array()?.iter();
            Some(all.any(|one| one.as_str() == Some(wanted)))
        }
        _ => None,
    }
}

/// A text, or the value of the parameter that a `Ref` names.
fn text<'a>(value: &'a Value, parameters: &'a BTreeMap<String, String>) -> Option<&'a str> {
    match value {
        Value::String(text) => Some(text),
        other => parameters.get(other["Ref"].as_str()?).map(String::as_str),
    }
}
