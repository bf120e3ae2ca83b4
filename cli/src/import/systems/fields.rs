//! What the readers of all systems share: a row and its fields.

use countersign::domain::accounts::password::{PasswordHash, UnusableHash};
use countersign::domain::factors::totp::Seed;
use countersign::domain::id::UserId;
use countersign::usecase::administration::users::import::{
    Arrival, ArrivedFactor, ArrivedPassword,
};
use serde_json::{Map, Value};

/// A row that was read.
pub struct ReadUser {
    /// The user.
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

/// A UUID is kept. For any other identifier a UUID is derived from `system` and the
/// identifier, so that equal identifiers of two systems differ. Without an identifier,
/// the UUID is derived from the name. Each import derives the same UUID.
pub(super) fn identifier(system: &str, former: Option<&str>, name: &str) -> UserId {
    match former {
        Some(former) => {
            UserId::parse(former).unwrap_or_else(|| UserId::of_name(&format!("{system}|{former}")))
        }
        None => UserId::of_name(&format!("mailto:{}", name.to_lowercase())),
    }
}

/// A hash that is stored as this text. It is refused if the service cannot verify
/// passwords against it.
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
        let found = match self.0.remove("roles") {
            Some(Value::String(names)) => {
                let names = names.split([',', ';']).map(str::trim);
                let names = names.filter(|name| !name.is_empty());
                let names = names.map(|name| Value::String(name.to_owned()));
                Some(Value::Array(names.collect()))
            }
            other => other,
        };
        role_names(found.as_ref())
    }
}

/// The seed of an authenticator app, of 10 to 64 bytes in base32.
pub(super) fn seed(text: &str) -> Option<Seed> {
    let plain = text.replace([' ', '-', '='], "").to_ascii_uppercase();
    let seed = Seed::from_base32(&plain)?;
    (10..=64).contains(&seed.expose().len()).then_some(seed)
}

pub(super) fn parsed<T>(
    text: Option<&str>,
    field: &str,
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, String> {
    let wrong = || format!("{field} cannot be used here");
    text.map(|text| parse(text).ok_or_else(wrong)).transpose()
}

pub(super) fn line(text: Option<String>, field: &str) -> Result<Option<String>, String> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let fits = text.chars().count() <= 256 && !text.contains(char::is_control);
    match fits {
        true => Ok(Some(text)),
        false => Err(format!(
            "{field} is longer than 256 characters or has control characters"
        )),
    }
}

pub(super) fn role_names(found: Option<&Value>) -> Result<Vec<String>, String> {
    let wrong = || "the roles are no list of names".to_owned();
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

pub(super) fn at_most_ten(factors: Vec<ArrivedFactor>) -> Result<Vec<ArrivedFactor>, String> {
    match factors.len() {
        0..=10 => Ok(factors),
        _ => Err("more than ten second factors".to_owned()),
    }
}
