//! A row of OpenIddict's table `OpenIddictApplications`, which ABP uses too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::domain::accounts::foreign::pbkdf2::Pbkdf2;
use serde_json::Value;

use crate::import::clients::grants::{Beside, Named, ReadClient, add, begin, without_wildcards};
use crate::import::systems::fields::{Columns, object};

/// The largest number of rounds of a secret's hash. The service computes the hash at
/// every request of the client. OpenIddict's own secrets have 10,000 rounds.
const MOST_ROUNDS: u32 = 50_000;

/// Scopes that every client may ask for.
const STANDARD_SCOPES: [&str; 7] = [
    "openid", "profile", "email", "phone", "address", "roles", "role",
];

/// Reads a row. Unless the operator names audiences, each scope of an API is an
/// audience too, as in ABP's templates.
///
/// # Errors
/// The reason, for the file of refused rows.
pub fn read(row: &[u8], beside: &Beside<'_>) -> Result<ReadClient, String> {
    let mut columns = Columns::of(object(row)?);
    if columns.flag(&["isdeleted"], false)? {
        return Err("the client is deleted there".to_owned());
    }
    let id = columns.text(&["clientid"])?.ok_or("no ClientId")?;
    let kind = columns.text(&["clienttype", "type"])?;
    let secret = columns.text(&["clientsecret"])?;
    let permissions = list(&mut columns, "permissions")?;
    let of = |prefix: &str| -> Vec<String> {
        let named = permissions.iter();
        let named = named.filter_map(|permission| permission.strip_prefix(prefix));
        named.map(str::to_owned).collect()
    };
    let named = Named {
        id,
        grants: of("gt:"),
        public: kind.as_deref() == Some("public"),
    };
    let mut read = begin(named, beside)?;
    let client = &mut read.client;
    let scopes = of("scp:").into_iter();
    let scopes: Vec<String> = scopes
        .filter(|scope| !STANDARD_SCOPES.contains(&scope.as_str()))
        .collect();
    let names: Vec<&str> = scopes.iter().map(String::as_str).collect();
    add(&mut client.scopes, &names);
    if client.audiences.is_empty() {
        add(&mut client.audiences, &names);
        client
            .audiences
            .retain(|audience| audience != "offline_access");
    }
    if !client.audiences.is_empty() {
        add(&mut client.audiences, &[&beside.account_audience]);
    }
    client.redirect_uris = without_wildcards(list(&mut columns, "redirecturis")?)?;
    client.logout_uris = without_wildcards(list(&mut columns, "postlogoutredirecturis")?)?;
    let settings = object_of(&mut columns, "settings")?;
    client.access_token_seconds = lifetime(&settings, "tkn_lft:act")?;
    client.refresh_absolute_seconds = lifetime(&settings, "tkn_lft:reft")?;
    match (kind.as_deref(), secret) {
        (Some("public"), None) => {}
        (Some("confidential"), Some(secret)) => client.secret_hashes = vec![kept(&secret)?],
        (Some("confidential"), None) => {
            return Err("a confidential client without a secret".to_owned());
        }
        (Some("public"), Some(_)) => return Err("a public client with a secret".to_owned()),
        _ => return Err("ClientType is neither public nor confidential".to_owned()),
    }
    Ok(read)
}

/// The hash of the secret, as the table stores it. OpenIddict hashes secrets as ASP.NET
/// Identity hashes passwords.
fn kept(secret: &str) -> Result<String, String> {
    let unknown = || "the hash of the client's secret is not OpenIddict's".to_owned();
    let bytes = STANDARD.decode(secret).map_err(|_| unknown())?;
    let hash = Pbkdf2::of_aspnet(&bytes).map_err(|_| unknown())?;
    if hash.rounds() > MOST_ROUNDS {
        return Err("the hash of the client's secret has more than 50000 rounds".to_owned());
    }
    Ok(hash.to_text())
}

/// A column with JSON. The file may hold the JSON as a text or as a value.
fn json_of(columns: &mut Columns, name: &str) -> Result<Value, String> {
    match columns.0.remove(name) {
        None | Some(Value::Null) => Ok(Value::Null),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(Value::Null),
        Some(Value::String(text)) => {
            serde_json::from_str(&text).map_err(|_| format!("{name} is no JSON"))
        }
        Some(other) => Ok(other),
    }
}

fn list(columns: &mut Columns, name: &str) -> Result<Vec<String>, String> {
    let wrong = || format!("{name} is no list of texts");
    match json_of(columns, name)? {
        Value::Null => Ok(Vec::new()),
        Value::Array(values) => {
            let texts = values.iter().map(|value| value.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<String>>>().ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

fn object_of(columns: &mut Columns, name: &str) -> Result<Value, String> {
    match json_of(columns, name)? {
        value @ (Value::Null | Value::Object(_)) => Ok(value),
        _ => Err(format!("{name} is no object")),
    }
}

/// A lifetime in seconds. .NET writes a lifetime as `[days.]hours:minutes:seconds`.
fn lifetime(settings: &Value, name: &str) -> Result<Option<i64>, String> {
    let Some(value) = settings.get(name) else {
        return Ok(None);
    };
    let text = value.as_str().unwrap_or_default();
    let (days, clock) = match text.split_once(':') {
        Some((front, _)) => match front.split_once('.') {
            Some((days, _)) => (days, text.get(days.len() + 1..).unwrap_or_default()),
            None => ("0", text),
        },
        None => ("0", text),
    };
    let whole = clock.split('.').next().unwrap_or_default();
    let parts: Option<Vec<i64>> = std::iter::once(days)
        .chain(whole.split(':'))
        .map(|part| {
            part.parse()
                .ok()
                .filter(|number| (0..100_000).contains(number))
        })
        .collect();
    match parts.as_deref() {
        Some([days, hours, minutes, seconds]) => {
            Ok(Some(days * 86_400 + hours * 3600 + minutes * 60 + seconds))
        }
        _ => Err(format!("the lifetime {name} is no time span")),
    }
}

#[cfg(test)]
mod tests {
    use super::lifetime;
    use serde_json::json;

    #[test]
    fn a_time_span_is_read_in_seconds() {
        for (text, seconds) in [
            ("01:00:00", Some(3600)),
            ("14.00:00:01", Some(1_209_601)),
            ("00:00:30.5000000", Some(30)),
            ("1:2", None),
            ("", None),
            ("-01:00:00", None),
        ] {
            let read = lifetime(&json!({ "tkn_lft:act": text }), "tkn_lft:act");
            assert_eq!(read.ok().flatten(), seconds, "{text}");
        }
        assert_eq!(lifetime(&json!(null), "tkn_lft:act"), Ok(None));
    }
}
