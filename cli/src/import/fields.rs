//! What the readers of all systems share: a row and its fields.

use countersign::domain::factors::totp::Seed;
use countersign::usecase::administration::users::import::{Arrival, ArrivedFactor};
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
pub(super) fn object(row: &[u8]) -> Result<Map<String, Value>, String> {
    let value: Value = serde_json::from_slice(row).map_err(|error| format!("no JSON: {error}"))?;
    let Value::Object(mut fields) = value else {
        return Err("no JSON object".to_owned());
    };
    if !fields.contains_key("reason") {
        return Ok(fields);
    }
    match fields.remove("row") {
        Some(Value::Object(row)) => Ok(row),
        _ => Ok(fields),
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
        _ => Err("more than ten mfa_factors".to_owned()),
    }
}
