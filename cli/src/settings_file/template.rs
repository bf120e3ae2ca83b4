//! What `infra/template.yaml` says of its parameters.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::problem::Problem;
use crate::settings_file::long_form::long_form;
use crate::settings_file::parameter::Parameter;

/// The template, as it was when the tool was built.
const TEMPLATE: &str = include_str!("../../../infra/template.yaml");

/// An answer that CloudFormation would refuse.
pub(super) struct WrongAnswer {
    /// What is wrong. The answer itself is not repeated, because it may be a secret.
    pub told: String,
    pub remedy: String,
}

/// The template, its parameters and its rules.
pub(super) struct Template {
    /// The template as JSON, with the tags of YAML in their long form.
    pub document: Value,
    pub parameters: BTreeMap<String, Parameter>,
    /// The rules, with the tags of YAML in their long form.
    pub rules: Map<String, Value>,
}

impl Template {
    /// The template of this version.
    ///
    /// # Errors
    /// Exit code 1 if the template that was built in cannot be read, which a test rules out.
    pub fn read() -> Result<Self, Problem> {
        let broken = || Problem::broken("the template of this version cannot be read");
        let yaml = yaml_serde::from_str(TEMPLATE).map_err(|_| broken())?;
        let template = long_form(yaml);
        let part = |name: &str| template[name].as_object().cloned().ok_or_else(broken);
        let declared = part("Parameters")?.into_iter();
        let parameters = declared.map(|(name, value)| {
            let declared = serde_json::from_value(value).map_err(|_| broken())?;
            Ok((name, declared))
        });
        Ok(Self {
            parameters: parameters.collect::<Result<_, Problem>>()?,
            rules: part("Rules")?,
            document: template,
        })
    }

    /// What is wrong with this answer alone.
    pub fn wrong_answer(&self, name: &str, value: &str) -> Option<WrongAnswer> {
        let Some(parameter) = self.parameters.get(name) else {
            return Some(WrongAnswer {
                told: format!("the template has no parameter {name}"),
                remedy: self.meant(name),
            });
        };
        // An empty answer to a question without a default is told as no answer.
        if value.is_empty() && parameter.default.is_none() {
            return None;
        }
        (!parameter.takes(value)).then(|| WrongAnswer {
            told: format!("{name} is none of the values that the template takes"),
            remedy: self.wants(name),
        })
    }

    /// What an answer must be.
    pub fn wants(&self, name: &str) -> String {
        let wants = self.parameters.get(name).map(Parameter::wants);
        format!("{name}: {}", wants.unwrap_or_default())
    }

    /// Every parameter with its answer, or else with its default.
    pub fn parameters(&self, answers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let value = |(name, declared): (&String, &Parameter)| {
            let answer = answers.get(name).cloned();
            let default = || declared.default.as_ref().map(Parameter::text);
            Some((name.clone(), answer.or_else(default)?))
        };
        self.parameters.iter().filter_map(value).collect()
    }

    /// The parameters that have neither an answer nor a default.
    pub fn unanswered(&self, parameters: &BTreeMap<String, String>) -> Vec<String> {
        let asked = self.parameters.iter();
        let asked = asked.filter(|(_, declared)| declared.default.is_none());
        let open = asked.filter(|(name, _)| parameters.get(*name).is_none_or(String::is_empty));
        open.map(|(name, _)| name.clone()).collect()
    }

    /// The parameter whose name is nearest to this name.
    fn meant(&self, name: &str) -> String {
        let names = self.parameters.keys();
        let near = names.max_by(|one, other| {
            let likeness = |known: &str| strsim::jaro_winkler(name, known);
            likeness(one).total_cmp(&likeness(other))
        });
        format!("did you mean {}?", near.map_or("", String::as_str))
    }
}
