//! The process's variables: those whose names begin with `COUNTERSIGN_`, and whether
//! Lambda runs the process. Nothing else reads the environment.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::declared::declared_settings;
use super::{Config, WrongSettings};

/// The prefix of every setting's name.
const PREFIX: &str = "COUNTERSIGN_";

/// Whether Lambda runs this process.
pub fn in_lambda() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// Names every variable that is missing or wrong, and what is expected.
    pub fn from_environment() -> Result<Self, WrongSettings> {
        let environment = Environment::of_process()?;
        Self::read(|name| environment.get(name).map(str::to_owned))
    }

    /// The name of every setting that [`Config::read`] asks for.
    pub fn names() -> BTreeSet<String> {
        let asked = RefCell::new(BTreeSet::new());
        let ask = |name: &str| {
            asked.borrow_mut().insert(name.to_owned());
            None
        };
        // Without values, `read` refuses. Only the names that it asked for
        // matter here.
        let _refused = Self::read(ask);
        asked.into_inner()
    }
}

/// Variables by name, as they were when the process began.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process.
    ///
    /// # Errors
    /// Names every variable whose value is not UTF-8.
    pub fn of_process() -> Result<Self, WrongSettings> {
        let mut values = BTreeMap::new();
        let mut wrong = Vec::new();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else {
                continue;
            };
            match value.into_string() {
                Ok(value) => drop(values.insert(name.to_owned(), value)),
                Err(_) => wrong.push(format!("{name} is wrong: it wants UTF-8")),
            }
        }
        if wrong.is_empty() {
            Ok(Self(values))
        } else {
            Err(WrongSettings(wrong))
        }
    }

    /// Variables that were read elsewhere.
    pub fn from_pairs(pairs: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self(pairs.iter().map(owned).collect())
    }

    /// The value of a variable, which may be empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// A setting with its value in a form that may be shown, as [`safe_value`] shows it.
pub fn printable(name: &str, value: &str) -> String {
    match safe_value(name, value) {
        SafeValue::Empty => format!("{name} (empty)"),
        SafeValue::Secret => format!("{name} (set; secret)"),
        SafeValue::Text(text) => format!("{name}={text}"),
    }
}

/// A setting's value in a form that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SafeValue {
    /// The value is empty: the setting has no value.
    Empty,
    /// The value is a secret.
    Secret,
    Text(String),
}

/// A setting's value in a form that may be shown. Secrets are hidden. The part of a URL
/// after `?` is hidden too, because some services expect keys there.
pub fn safe_value(name: &str, value: &str) -> SafeValue {
    if value.is_empty() {
        return SafeValue::Empty;
    }
    if declared_settings().any(|setting| setting.secret && setting.name == name) {
        return SafeValue::Secret;
    }
    let value = value.replace(char::is_control, " ");
    SafeValue::Text(match value.split_once('?') {
        Some((before, _)) if before.contains("://") => format!("{before}?…"),
        _ => value,
    })
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn a_secret_is_told_as_set_and_never_shown() {
        let headers = "{\"authorization\": \"Bearer hush\"}";
        let told = printable("COUNTERSIGN_WEBHOOK_HEADERS", headers);
        assert_eq!(told, "COUNTERSIGN_WEBHOOK_HEADERS (set; secret)");
        let told = printable("COUNTERSIGN_EDGE_SECRET", "hush");
        assert_eq!(told, "COUNTERSIGN_EDGE_SECRET (set; secret)");
        let url = "https://codes.example.com/in?key=hush";
        let told = printable("COUNTERSIGN_WEBHOOK_ENDPOINT", url);
        assert_eq!(
            told,
            "COUNTERSIGN_WEBHOOK_ENDPOINT=https://codes.example.com/in?…"
        );
    }

    #[test]
    fn any_other_setting_is_told_with_its_value() {
        let told = printable("COUNTERSIGN_THEME_TITLE", "Who are you?");
        assert_eq!(told, "COUNTERSIGN_THEME_TITLE=Who are you?");
        let told = printable("COUNTERSIGN_SMS_COUNTRIES", "");
        assert_eq!(told, "COUNTERSIGN_SMS_COUNTRIES (empty)");
    }
}
