//! A row of Auth0's bulk import: what its schema says, and how it reads here.

use countersign::domain::accounts::user::{EmailAddress, UserName};
use countersign::domain::factors::factor::Channel;
use countersign::domain::factors::totp::Seed;
use countersign::domain::id::UserId;
use countersign::domain::messages::phone_number::PhoneNumber;
use countersign::usecase::administration::users::import::{Arrival, ArrivedFactor};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::import::auth0_hash::{CustomHash, password};

/// What stands before the identifier of a user of an Auth0 database.
const STRATEGY: &str = "auth0|";

/// The fields of the schema that have no place here.
const NO_PLACE: [&str; 6] = [
    "name",
    "nickname",
    "picture",
    "user_metadata",
    "app_metadata",
    "verify_email",
];

/// A user in Auth0's schema.
#[derive(Deserialize)]
struct Auth0User {
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
    user_id: Option<String>,
    username: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    phone_number: Option<String>,
    #[serde(default)]
    phone_verified: bool,
    #[serde(default)]
    blocked: bool,
    password_hash: Option<String>,
    custom_password_hash: Option<CustomHash>,
    #[serde(default)]
    mfa_factors: Vec<MfaFactor>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// An element of `mfa_factors`.
#[derive(Deserialize)]
struct MfaFactor {
    totp: Option<Totp>,
    phone: Option<Addressed>,
    email: Option<Addressed>,
}

#[derive(Deserialize)]
struct Totp {
    secret: String,
}

#[derive(Deserialize)]
struct Addressed {
    value: String,
}

/// A row that was read.
pub struct ReadUser {
    /// The user.
    pub arrival: Arrival,
    /// The identifier in Auth0, with its strategy.
    pub former_id: Option<String>,
    /// Names of fields that have no place here.
    pub left_out: Vec<String>,
}

/// Reads a row. `roles` names the field of `app_metadata` with the roles.
///
/// # Errors
/// The reason, for the file of refused rows.
pub fn read(row: &[u8], roles: Option<&str>) -> Result<ReadUser, String> {
    let value: Value = serde_json::from_slice(row).map_err(|error| format!("no JSON: {error}"))?;
    // A row that was refused before, which somebody has mended in its file.
    let value = match value {
        Value::Object(mut fields) if fields.contains_key("reason") => {
            fields.remove("row").unwrap_or(Value::Object(fields))
        }
        value => value,
    };
    let user: Auth0User = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let email = parsed(user.email.as_deref(), "email", EmailAddress::parse)?;
    let user_name = parsed(user.username.as_deref(), "username", UserName::parse)?;
    let Some(first) = user.email.as_ref().or(user.username.as_ref()) else {
        return Err("neither email nor username".to_owned());
    };
    let former_id = user.user_id.as_deref().map(|id| {
        let own = id.strip_prefix(STRATEGY).unwrap_or(id);
        format!("{STRATEGY}{own}")
    });
    if user.user_id.as_deref() == Some("") {
        return Err("user_id is empty".to_owned());
    }
    let id = identifier(former_id.as_deref(), first);
    let mut left_out: Vec<String> = user.others.keys().cloned().collect();
    let role_names = match roles {
        None => Vec::new(),
        Some(field) => {
            let found = user
                .others
                .get("app_metadata")
                .and_then(|data| data.get(field));
            left_out.retain(|name| name != "app_metadata");
            role_names(found)?
        }
    };
    let factors = user.mfa_factors.iter().map(factor);
    let factors: Result<Vec<ArrivedFactor>, String> = factors.collect();
    let arrival = Arrival {
        id,
        user_name,
        email,
        email_confirmed: user.email_verified,
        phone: parsed(
            user.phone_number.as_deref(),
            "phone_number",
            PhoneNumber::parse,
        )?,
        phone_confirmed: user.phone_verified,
        given_name: line(user.given_name, "given_name")?,
        family_name: line(user.family_name, "family_name")?,
        roles: role_names,
        active: !user.blocked,
        password: password(user.password_hash, user.custom_password_hash)?,
        factors: at_most_ten(factors?)?,
    };
    Ok(ReadUser {
        arrival,
        former_id,
        left_out,
    })
}

/// Whether the schema has this field, although it has no place here.
pub fn is_known(field: &str) -> bool {
    NO_PLACE.contains(&field)
}

/// A UUID is kept. Any other identifier, and without one the name, stands for a
/// UUID of its own, the same at each import.
fn identifier(former: Option<&str>, name: &str) -> UserId {
    let Some(former) = former else {
        return UserId::of_name(&format!("mailto:{}", name.to_lowercase()));
    };
    let own = former.strip_prefix(STRATEGY).unwrap_or(former);
    UserId::parse(own).unwrap_or_else(|| UserId::of_name(former))
}

fn parsed<T>(
    text: Option<&str>,
    field: &str,
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, String> {
    let wrong = || format!("{field} cannot be used here");
    text.map(|text| parse(text).ok_or_else(wrong)).transpose()
}

fn line(text: Option<String>, field: &str) -> Result<Option<String>, String> {
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

fn role_names(found: Option<&Value>) -> Result<Vec<String>, String> {
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

fn factor(factor: &MfaFactor) -> Result<ArrivedFactor, String> {
    match (&factor.totp, &factor.phone, &factor.email) {
        (Some(totp), None, None) => {
            let plain = totp
                .secret
                .replace([' ', '-', '='], "")
                .to_ascii_uppercase();
            let seed = Seed::from_base32(&plain);
            let seed = seed.filter(|seed| (10..=64).contains(&seed.expose().len()));
            let wrong = "the secret of a totp factor is no base32 of 10 to 64 bytes";
            seed.map(ArrivedFactor::App).ok_or_else(|| wrong.to_owned())
        }
        (None, Some(phone), None) => {
            let number = PhoneNumber::parse(&phone.value);
            let number = number.ok_or("the value of a phone factor is no phone number")?;
            Ok(ArrivedFactor::Address(
                Channel::Sms,
                number.as_str().to_owned(),
            ))
        }
        (None, None, Some(email)) => {
            let address = EmailAddress::parse(&email.value);
            let address = address.ok_or("the value of an email factor is no e-mail address")?;
            Ok(ArrivedFactor::Address(
                Channel::Email,
                address.as_str().to_owned(),
            ))
        }
        _ => Err("an element of mfa_factors is not one of totp, phone, email".to_owned()),
    }
}

fn at_most_ten(factors: Vec<ArrivedFactor>) -> Result<Vec<ArrivedFactor>, String> {
    match factors.len() {
        0..=10 => Ok(factors),
        _ => Err("more than ten mfa_factors".to_owned()),
    }
}
