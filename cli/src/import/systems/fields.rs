//! What the readers of all systems share: a row and its fields.

use countersign::domain::accounts::moving_in::arrival::{Arrival, ArrivedPassword};
pub(super) use countersign::domain::accounts::moving_in::former_user::{
    few_factors as at_most_ten, one_line as line, parsed_field as parsed, seed_of_another as seed,
};
use countersign::domain::accounts::password::{PasswordHash, UnusableHash};
use serde_json::{Map, Value};

/// A row that was read.
pub struct ReadUser {
    pub arrival: Arrival,
    /// The identifier in the other system.
    pub former_id: Option<String>,
    /// Names of fields that the import leaves out.
    pub left_out: Vec<String>,
}

/// The object of a row. A corrected row of a file of refused rows has the object in its
/// member `row`.
pub(in crate::import) fn object(row: &[u8]) -> Result<Map<String, Value>, String> {
    let value: Value = serde_json::from_slice(row).map_err(|error| format!("no JSON: {error}"))?;
    let Value::Object(mut fields) = value else {
        return Err("no JSON object".to_owned());
    };
    if !fields.contains_key("reason") {
        return Ok(fields);
    }
    match fields.remove("row") {
        Some(Value::Object(row)) => Ok(row),
        Some(_) => Err("no JSON object".to_owned()),
        None => Ok(fields),
    }
}

/// A hash that is stored as this text, if a login can compute it.
pub(super) fn slow(text: String) -> Result<ArrivedPassword, String> {
    let hash = PasswordHash::from_stored(text);
    let why = |unusable: UnusableHash| format!("the password hash: {}", unusable.0);
    hash.check().map_err(why)?;
    Ok(ArrivedPassword::Slow(hash))
}

/// The names of the left-out fields: those that are not empty, except the `silent`
/// ones.
pub(super) fn said(fields: Map<String, Value>, silent: &[&str]) -> Vec<String> {
    let says = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(values) => !values.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    };
    let left = fields.into_iter();
    let left = left.filter(|(name, value)| !silent.contains(&name.as_str()) && says(value));
    left.map(|(name, _)| name).collect()
}

/// The name of a column in lower case and without underscores.
pub(super) fn plain(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

/// The columns of a row. Their names are in lower case and without underscores.
pub(in crate::import) struct Columns(pub Map<String, Value>);

impl Columns {
    /// The columns of this row.
    pub fn of(row: Map<String, Value>) -> Self {
        let named = row.into_iter();
        Self(named.map(|(name, value)| (plain(&name), value)).collect())
    }

    /// Takes out the columns of these names, and gives the first text that is not
    /// empty.
    pub fn text(&mut self, names: &[&str]) -> Result<Option<String>, String> {
        let mut found = None;
        for name in names {
            let value = match self.0.remove(*name) {
                None | Some(Value::Null) => continue,
                Some(Value::String(text)) => text,
                Some(Value::Number(number)) => number.to_string(),
                Some(Value::Bool(flag)) => flag.to_string(),
                Some(_) => return Err(format!("{name} is no text")),
            };
            found = found.or(Some(value).filter(|text| !text.is_empty()));
        }
        Ok(found)
    }

    /// A boolean column, in the forms that databases write.
    pub fn flag(&mut self, names: &[&str], otherwise: bool) -> Result<bool, String> {
        let Some(text) = self.text(names)? else {
            return Ok(otherwise);
        };
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "t" | "yes" => Ok(true),
            "false" | "0" | "f" | "no" => Ok(false),
            _ => Err(format!(
                "{} is neither yes nor no",
                names.first().unwrap_or(&"")
            )),
        }
    }

    /// The names of roles: a list, or a text with commas or semicolons between the
    /// names.
    pub fn roles(&mut self) -> Result<Vec<String>, String> {
        role_names(self.many("roles").as_ref())
    }

    /// Takes a column of several texts: a list, or a text with `;` or commas between.
    ///
    /// # Errors
    /// `wrong` if the column has something else.
    pub fn list(&mut self, name: &str, wrong: &str) -> Result<Vec<String>, String> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        match self.many(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(texts)) => {
                let texts: Option<Vec<String>> = texts.iter().map(text).collect();
                texts.ok_or_else(|| wrong.to_owned())
            }
            Some(_) => Err(wrong.to_owned()),
        }
    }

    /// Takes a column, and makes a list of a text with `;` or commas between.
    fn many(&mut self, name: &str) -> Option<Value> {
        match self.0.remove(name) {
            Some(Value::String(texts)) => {
                let texts = texts.split([',', ';']).map(str::trim);
                let texts = texts.filter(|text| !text.is_empty());
                let texts = texts.map(|text| Value::String(text.to_owned()));
                Some(Value::Array(texts.collect()))
            }
            other => other,
        }
    }
}

pub(super) fn role_names(found: Option<&Value>) -> Result<Vec<String>, String> {
    let wrong = || "the roles are not a list of names".to_owned();
    match found {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(roles)) => {
            let names = roles.iter().map(|role| {
                let name = line(role.as_str().map(str::to_owned), "a role")?;
                name.ok_or_else(wrong)
            });
            names.collect()
        }
        Some(_) => Err(wrong()),
    }
}
