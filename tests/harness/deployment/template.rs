//! `infra/template.yaml` as CloudFormation evaluates it, with its parameters,
//! conditions and functions.

use std::collections::{BTreeMap, BTreeSet};

use countersign_cli::settings_file::long_form::long_form;
use serde_json::{Map, Value, json};

use crate::tidy::source::read;

/// The account, region and partition of every stack here.
const PSEUDO: [(&str, &str); 4] = [
    ("AWS::AccountId", "123456789012"),
    ("AWS::Region", "us-east-1"),
    ("AWS::Partition", "aws"),
    ("AWS::URLSuffix", "amazonaws.com"),
];

/// The address of the API without a domain.
pub const API_ENDPOINT: &str = "https://abcdefghij.execute-api.us-east-1.amazonaws.com";

/// The template with its tags in their long form: `!Ref x` as `{"Ref": "x"}`.
pub fn template() -> Value {
    long_form(yaml_serde::from_str(&read("infra/template.yaml")).unwrap())
}

/// A stack of the template.
pub struct Stack {
    template: Value,
    parameters: BTreeMap<String, Value>,
    names: BTreeMap<String, String>,
}

impl Stack {
    /// A stack with this name and these parameters. The other parameters have their
    /// defaults. `names` gives the results of `Ref` for some resources.
    pub fn new(name: &str, parameters: &[(&str, &str)], names: &[(&str, &str)]) -> Self {
        Self::of(template(), name, parameters, names)
    }

    /// A stack of another template.
    pub fn of(
        template: Value,
        name: &str,
        parameters: &[(&str, &str)],
        names: &[(&str, &str)],
    ) -> Self {
        let mut given: BTreeMap<String, Value> = BTreeMap::new();
        for (parameter, declared) in template["Parameters"].as_object().unwrap() {
            let value = parameters.iter().find(|(known, _)| known == parameter);
            let value = value.map(|(_, value)| json!(value));
            let value = value.unwrap_or_else(|| declared["Default"].clone());
            assert!(!value.is_null(), "{parameter} has no value");
            let value = match (&value, declared["Type"].as_str()) {
                (Value::String(list), Some("CommaDelimitedList")) => {
                    list.split(',').map(str::trim).collect()
                }
                (Value::Number(number), _) => json!(number.to_string()),
                _ => value,
            };
            given.insert(parameter.clone(), value);
        }
        for (parameter, _) in parameters {
            assert!(given.contains_key(*parameter), "no parameter {parameter}");
        }
        let pseudo = PSEUDO.map(|(name, value)| (name.to_owned(), json!(value)));
        given.extend(pseudo);
        given.insert("AWS::StackName".to_owned(), json!(name));
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            template,
            parameters: given,
            names: names.iter().map(owned).collect(),
        }
    }

    /// The resources of this type that are made, with their properties.
    pub fn resources(&self, kind: &str) -> Vec<(String, Value)> {
        let all = self.template["Resources"].as_object().unwrap();
        let made = all.iter().filter(|(_, resource)| {
            let condition = resource["Condition"].as_str();
            resource["Type"] == kind && condition.is_none_or(|name| self.condition(name))
        });
        made.map(|(name, resource)| {
            let properties = self.value(&resource["Properties"]);
            (name.clone(), properties.unwrap_or_default())
        })
        .collect()
    }

    /// A resource, as the template declares it.
    pub fn declared(&self, name: &str) -> &Value {
        let resource = &self.template["Resources"][name];
        assert!(resource.is_object(), "no resource {name}");
        resource
    }

    /// A resource's properties.
    pub fn properties(&self, name: &str) -> Value {
        self.value(&self.declared(name)["Properties"]).unwrap()
    }

    /// The resource of the function that runs this binary.
    pub fn function(&self, binary: &str) -> String {
        let all = self.template["Resources"].as_object().unwrap();
        let built = |resource: &Value| resource["Metadata"]["BuildProperties"]["Binary"] == binary;
        let mut found = all.iter().filter(|(_, resource)| built(resource));
        let (name, _) = found
            .next()
            .unwrap_or_else(|| panic!("the template has no function that runs {binary}"));
        assert!(found.next().is_none(), "two functions run {binary}");
        name.clone()
    }

    /// The environment of such a function.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let globals = &self.template["Globals"]["Function"]["Environment"]["Variables"];
        let variables = self.value(globals).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let variables = variables.as_object().unwrap().iter();
        variables
            .map(|(name, value)| (name.clone(), text(value)))
            .collect()
    }

    /// Evaluates a value. `None` means `AWS::NoValue`.
    pub fn value(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Object(members) => {
                if let Some((name, argument)) = members.iter().next()
                    && members.len() == 1
                    && (name == "Ref" || name.starts_with("Fn::"))
                {
                    return self.call(name, argument);
                }
                let members = members
                    .iter()
                    .filter_map(|(name, value)| Some((name.clone(), self.value(value)?)));
                Some(Value::Object(members.collect::<Map<String, Value>>()))
            }
            Value::Array(items) => Some(items.iter().filter_map(|item| self.value(item)).collect()),
            plain => Some(plain.clone()),
        }
    }

    fn call(&self, name: &str, argument: &Value) -> Option<Value> {
        let text = |value: &Value| {
            let value = self.value(value).unwrap();
            value
                .as_str()
                .unwrap_or_else(|| panic!("{value}"))
                .to_owned()
        };
        Some(match name {
            "Ref" if argument == "AWS::NoValue" => return None,
            "Ref" => self.reference(argument.as_str().unwrap()),
            "Fn::GetAtt" => {
                json!(self.attribute(argument[0].as_str().unwrap(), argument[1].as_str().unwrap()))
            }
            "Fn::If" => {
                let at = if self.condition(argument[0].as_str().unwrap()) {
                    1
                } else {
                    2
                };
                return self.value(&argument[at]);
            }
            "Fn::Sub" => json!(self.substitute(argument)),
            "Fn::Join" => {
                let items = self.value(&argument[1]).unwrap();
                let items: Vec<String> = items.as_array().unwrap().iter().map(text).collect();
                json!(items.join(argument[0].as_str().unwrap()))
            }
            "Fn::Split" => {
                let whole = text(&argument[1]);
                whole.split(argument[0].as_str().unwrap()).collect()
            }
            "Fn::Select" => {
                let at = usize::try_from(argument[0].as_u64().unwrap()).unwrap();
                self.value(&argument[1]).unwrap()[at].clone()
            }
            _ => panic!("{name} is not carried out here"),
        })
    }

    fn reference(&self, name: &str) -> Value {
        if let Some(value) = self.parameters.get(name) {
            return value.clone();
        }
        self.declared(name);
        json!(self.names.get(name).map_or(name, String::as_str))
    }

    fn attribute(&self, resource: &str, attribute: &str) -> String {
        let declared = self.declared(resource);
        let arn =
            |service: &str, rest: &str| format!("arn:aws:{service}:us-east-1:123456789012:{rest}");
        let name = self.names.get(resource).map_or(resource, String::as_str);
        match (declared["Type"].as_str().unwrap(), attribute) {
            ("AWS::DynamoDB::Table", "Arn") => arn("dynamodb", &format!("table/{name}")),
            ("AWS::KMS::Key", "Arn") => arn("kms", &format!("key/{name}")),
            ("AWS::Logs::LogGroup", "Arn") => {
                let group = self.value(&declared["Properties"]["LogGroupName"]).unwrap();
                arn("logs", &format!("log-group:{}:*", group.as_str().unwrap()))
            }
            ("AWS::ApiGatewayV2::Api", "ApiEndpoint") => API_ENDPOINT.to_owned(),
            (kind, _) => format!("{kind}/{resource}.{attribute}"),
        }
    }

    /// `Fn::Sub`, of a text or of a text with variables of its own.
    fn substitute(&self, argument: &Value) -> String {
        let (text, own) = match argument {
            Value::Array(both) => (both[0].as_str().unwrap(), both[1].clone()),
            text => (text.as_str().unwrap(), Value::Null),
        };
        let mut parts = text.split("${");
        let mut made = parts.next().unwrap().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap();
            let value = match (own.get(name), name.split_once('.')) {
                (Some(value), _) => self.value(value).unwrap(),
                (None, Some((resource, attribute))) => json!(self.attribute(resource, attribute)),
                (None, None) => self.reference(name),
            };
            made += value.as_str().unwrap();
            made += rest;
        }
        made
    }

    /// Whether a condition holds.
    pub fn condition(&self, name: &str) -> bool {
        let condition = &self.template["Conditions"][name];
        assert!(condition.is_object(), "no condition {name}");
        self.holds(condition)
    }

    fn holds(&self, condition: &Value) -> bool {
        let (name, argument) = condition.as_object().unwrap().iter().next().unwrap();
        match name.as_str() {
            "Condition" => self.condition(argument.as_str().unwrap()),
            "Fn::Not" => !self.holds(&argument[0]),
            "Fn::And" => argument
                .as_array()
                .unwrap()
                .iter()
                .all(|one| self.holds(one)),
            "Fn::Or" => argument
                .as_array()
                .unwrap()
                .iter()
                .any(|one| self.holds(one)),
            "Fn::Equals" => self.value(&argument[0]) == self.value(&argument[1]),
            _ => panic!("{name} is no condition"),
        }
    }

    /// A part of the template, such as its outputs.
    pub fn part(&self, name: &str) -> &Value {
        &self.template[name]
    }

    /// The names under a part of the template.
    pub fn names_under(&self, part: &str) -> BTreeSet<String> {
        let part = self.template[part].as_object().unwrap();
        part.keys().cloned().collect()
    }

    /// The declaration of a parameter.
    pub fn parameter(&self, name: &str) -> &Value {
        &self.template["Parameters"][name]
    }
}
