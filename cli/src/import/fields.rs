//! What the readers of all systems share: one row, and its fields.

pub(super) use countersign::usecase::accounts::former_user::{
    one_line as line, parsed_field as parsed, seed_of_another as seed,
};
use countersign::usecase::administration::users::import::Arrival;
use serde_json::{Map, Value};

/// A row that was read.
pub struct ReadUser {
    /// The user.
    pub arrival: Arrival,
    /// The identifier in the other system.
    pub former_id: Option<String>,
    /// Names of fields that have no place here.
    pub left_out: Vec<String>,
}

/// The object of a row. A row that was refused before, and that somebody has
/// mended in its file, stands inside.
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
