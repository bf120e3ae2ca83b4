//! The fields of a client in a JSON file, under the names that `client show --json`
//! prints.

use std::path::Path;

use serde_json::{Map, Value};

use super::{FieldOptions, known_grant};
use crate::problem::Problem;

/// What `client show --json` prints beside the fields. A file may have these, and they
/// change nothing.
const BESIDE: [&str; 4] = ["id", "confidential", "secrets", "secret"];

impl FieldOptions {
    /// The fields of the command line. A field that the command line does not name is
    /// taken from the file, if the command line names a file.
    pub(super) fn whole(&self) -> Result<Self, Problem> {
        let mut fields = self.clone();
        let Some(path) = &self.from else {
            return Ok(fields);
        };
        for (name, value) in object(path)? {
            fields
                .take(&name, &value)
                .map_err(|why| Problem::usage(format!("{}: {name} {why}", path.display())))?;
        }
        Ok(fields)
    }

    fn take(&mut self, name: &str, value: &Value) -> Result<(), String> {
        match name {
            "grants" => {
                let each = texts(value)?;
                let each = each.iter().map(|grant| known_grant(grant));
                or_keep(&mut self.grants, each.collect::<Result<_, _>>()?);
            }
            "scopes" => or_keep(&mut self.scopes, texts(value)?),
            "audiences" => or_keep(&mut self.audiences, texts(value)?),
            "redirect_uris" => or_keep(&mut self.redirect_uris, texts(value)?),
            "logout_uris" => or_keep(&mut self.logout_uris, texts(value)?),
            "web_origins" => or_keep(&mut self.web_origins, texts(value)?),
            "android_apps" => or_keep(&mut self.android_apps, texts(value)?),
            "ios_apps" => or_keep(&mut self.ios_apps, texts(value)?),
            "first_party" => {
                let first_party = value.as_bool().ok_or("is neither true nor false")?;
                self.first_party.get_or_insert(first_party);
            }
            "access_token_seconds" => lifetime(&mut self.access_token_seconds, value)?,
            "refresh_idle_seconds" => lifetime(&mut self.refresh_idle_seconds, value)?,
            "refresh_absolute_seconds" => lifetime(&mut self.refresh_absolute_seconds, value)?,
            beside if BESIDE.contains(&beside) => {}
            _ => return Err("is no field of a client".to_owned()),
        }
        Ok(())
    }
}

fn object(path: &Path) -> Result<Map<String, Value>, Problem> {
    let wrong = |why: String| Problem::usage(format!("{}: {why}", path.display()));
    let text = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let value: Result<Value, _> = serde_json::from_slice(&text);
    match value.map_err(|error| wrong(format!("no JSON: {error}")))? {
        Value::Object(fields) => Ok(fields),
        _ => Err(wrong("no JSON object".to_owned())),
    }
}

fn texts(value: &Value) -> Result<Vec<String>, String> {
    let list = value.as_array().into_iter().flatten();
    let texts: Option<Vec<String>> = list.map(|one| one.as_str().map(str::to_owned)).collect();
    texts
        .filter(|_| value.is_array())
        .ok_or_else(|| "is no list of texts".to_owned())
}

/// The list of the command line wins, if there is one. An empty list of the file empties
/// the client's list.
fn or_keep<T>(named: &mut Option<Vec<T>>, of_file: Vec<T>) {
    named.get_or_insert(of_file);
}

/// `null` stands for the deployment's setting, as 0 does on the command line.
fn lifetime(named: &mut Option<i64>, value: &Value) -> Result<(), String> {
    let seconds = match value {
        Value::Null => Some(0),
        other => other.as_i64(),
    };
    let seconds = seconds.ok_or("is no whole number of seconds")?;
    named.get_or_insert(seconds);
    Ok(())
}
