//! A parameter of a CloudFormation template.

use std::sync::OnceLock;

use fancy_regex::Regex;
use serde::Deserialize;
use serde_json::Value;

/// The declaration of a parameter, as far as it says which values CloudFormation takes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Parameter {
    #[serde(rename = "Type")]
    kind: String,
    pub default: Option<Value>,
    allowed_pattern: Option<String>,
    allowed_values: Option<Vec<Value>>,
    max_length: Option<usize>,
    min_value: Option<i64>,
    max_value: Option<i64>,
    constraint_description: Option<String>,
    /// Whether CloudFormation hides the value: whether it is a secret.
    #[serde(default)]
    pub no_echo: bool,
    /// The pattern, once a value was compared with it. `None` if the pattern is no pattern.
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
}

impl Parameter {
    /// Whether CloudFormation takes this value.
    pub fn takes(&self, value: &str) -> bool {
        let allowed = self.allowed_values.as_ref();
        let listed = allowed.is_none_or(|all| all.iter().any(|one| Self::text(one) == value));
        let pattern = self.allowed_pattern.as_ref();
        let fits = pattern.is_none_or(|pattern| self.fits(pattern, value));
        let short = self
            .max_length
            .is_none_or(|most| value.chars().count() <= most);
        listed && fits && short && (self.kind != "Number" || self.takes_number(value))
    }

    /// Whether a pattern fits the whole value, or each member of a list, without the spaces
    /// around the member.
    fn fits(&self, pattern: &str, value: &str) -> bool {
        // The pattern is Java's, which knows `(?!…)`.
        let compile = || Regex::new(&format!("^(?:{pattern})$")).ok();
        let Some(whole) = self.compiled.get_or_init(compile) else {
            return false;
        };
        let fits = |text: &str| whole.is_match(text).is_ok_and(|fits| fits);
        if self.kind == "CommaDelimitedList" {
            value.split(',').map(str::trim).all(fits)
        } else {
            fits(value)
        }
    }

    fn takes_number(&self, value: &str) -> bool {
        let Ok(number) = value.parse::<i64>() else {
            return false;
        };
        self.min_value.is_none_or(|least| least <= number)
            && self.max_value.is_none_or(|most| number <= most)
    }

    /// What `Ref` gives for this value: a list, or a text also for a number.
    pub fn resolved(&self, value: &str) -> Value {
        if self.kind == "CommaDelimitedList" {
            value.split(',').map(str::trim).collect()
        } else {
            Value::from(value)
        }
    }

    /// The value as a text, without the spaces around the members of a list.
    pub fn text_of(&self, value: &str) -> String {
        if self.kind == "CommaDelimitedList" {
            let members: Vec<&str> = value.split(',').map(str::trim).collect();
            members.join(",")
        } else {
            value.to_owned()
        }
    }

    /// What a value must be.
    pub fn wants(&self) -> String {
        match (&self.constraint_description, &self.allowed_values) {
            (Some(told), _) => told.clone(),
            (None, Some(all)) => {
                let all: Vec<String> = all.iter().map(Self::text).collect();
                format!("one of {}", all.join(", "))
            }
            (None, None) => "a text".to_owned(),
        }
    }

    /// A value of the template as CloudFormation compares values: as a text.
    pub fn text(value: &Value) -> String {
        match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}
