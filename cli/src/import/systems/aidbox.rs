//! An Aidbox `User`.

use countersign::domain::accounts::foreign::scrypt::Scrypt;
use countersign::domain::accounts::moving_in::arrival::ArrivedFactor;
use countersign::domain::accounts::moving_in::arrival::{Arrival, ArrivedPassword};
use countersign::domain::accounts::moving_in::former_details::FormerDetails;
use countersign::domain::accounts::moving_in::former_identity::FormerIdentity;
use countersign::domain::accounts::user::{EmailAddress, UserName};
use countersign::domain::factors::factor::Channel;
use countersign::domain::messages::phone_number::PhoneNumber;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::import::systems::fields::{
    ReadUser, line, object, parsed, role_names, said, seed, slow,
};

/// Fields that the service does not need. The summary does not report them as left out.
const SILENT: [&str; 2] = ["resourceType", "meta"];

/// The fields that the import leaves out.
const NO_PLACE: [&str; 6] = [
    "data",
    "fhirUser",
    "link",
    "identifier",
    "securityLabel",
    "organization",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AidboxUser {
    id: Option<String>,
    user_name: Option<String>,
    email: Option<String>,
    emails: Option<Vec<Listed>>,
    phone_number: Option<String>,
    phone_numbers: Option<Vec<Listed>>,
    name: Option<Name>,
    display_name: Option<String>,
    photo: Option<String>,
    active: Option<bool>,
    inactive: Option<bool>,
    roles: Option<Vec<Listed>>,
    password: Option<String>,
    two_factor: Option<TwoFactorState>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// An element of SCIM's lists.
#[derive(Deserialize)]
struct Listed {
    value: Option<String>,
    #[serde(default)]
    primary: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Name {
    given_name: Option<String>,
    family_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TwoFactorState {
    enabled: Option<bool>,
    secret_key: Option<String>,
    transport: Option<String>,
}

/// Reads a row. `email_confirmed` says whether Aidbox had confirmed the address of
/// every user, because the resource does not say so.
///
/// # Errors
/// The reason, for the file of refused rows.
pub fn read(row: &[u8], email_confirmed: bool) -> Result<ReadUser, String> {
    let value = Value::Object(resource(object(row)?));
    let user: AidboxUser = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let email = user.email.or_else(|| primary(user.emails));
    let phone = user.phone_number.or_else(|| primary(user.phone_numbers));
    // Aidbox lets a user sign in with the identifier too.
    let first = email.as_ref().or(user.user_name.as_ref());
    let Some(first) = first.or(user.id.as_ref()).cloned() else {
        return Err("neither email nor userName nor id".to_owned());
    };
    let user_name = match (&email, user.user_name) {
        (None, None) => user.id.clone(),
        (_, name) => name,
    };
    let id = user.id.as_deref().filter(|id| !id.is_empty());
    let name = user.name.unwrap_or_default();
    let roles = user.roles.unwrap_or_default().into_iter();
    let roles = roles.filter_map(|role| role.value).map(Value::String);
    let factors = factors(user.two_factor)?;
    let details = FormerDetails {
        name: user.display_name,
        picture: user.photo,
        ..FormerDetails::default()
    };
    let (profile, parts) = details.fitting();
    let arrival = Arrival {
        identity: FormerIdentity::of(id, &first),
        user_name: parsed(user_name.as_deref(), "userName", UserName::parse)?,
        email_confirmed: email.is_some() && email_confirmed,
        email: parsed(email.as_deref(), "email", EmailAddress::parse)?,
        phone: parsed(phone.as_deref(), "phoneNumber", PhoneNumber::parse)?,
        phone_confirmed: false,
        given_name: line(name.given_name, "name.givenName")?,
        family_name: line(name.family_name, "name.familyName")?,
        profile,
        roles: role_names(Some(&Value::Array(roles.collect())))?,
        active: user.active.unwrap_or(true) && !user.inactive.unwrap_or(false),
        locked_until: None,
        two_factor: !factors.is_empty(),
        must_change_password: false,
        password: user.password.map(password).transpose()?,
        factors,
        recovery_codes: Vec::new(),
        kept: None,
    };
    let mut left_out = said(user.others, &SILENT);
    left_out.extend(parts);
    Ok(ReadUser {
        arrival,
        former_id: user.id,
        left_out,
    })
}

/// The resource of a row. In a Bundle, the row is an entry that contains the resource.
fn resource(mut row: Map<String, Value>) -> Map<String, Value> {
    match row.remove("resource") {
        Some(Value::Object(resource)) if !row.contains_key("resourceType") => resource,
        Some(other) => {
            row.insert("resource".to_owned(), other);
            row
        }
        None => row,
    }
}

/// The primary value of a list, or else its first.
fn primary(list: Option<Vec<Listed>>) -> Option<String> {
    let mut list = list.unwrap_or_default();
    list.sort_by_key(|one| !one.primary);
    list.into_iter().find_map(|one| one.value)
}

/// A hash by scrypt in Aidbox's form, or by bcrypt.
fn password(hash: String) -> Result<ArrivedPassword, String> {
    let why = |why: &str| format!("the password hash: {why}");
    if let Some(rest) = hash.strip_prefix("$s0$") {
        let scrypt = Scrypt::of_s0(rest).map_err(|unusable| why(unusable.0))?;
        return slow(scrypt.to_text());
    }
    match hash.starts_with("$2") {
        true => slow(hash),
        false => Err(why("neither $s0$ nor bcrypt")),
    }
}

/// The authenticator app or the webhook's transport, if two-factor authentication is
/// on.
fn factors(state: Option<TwoFactorState>) -> Result<Vec<ArrivedFactor>, String> {
    let Some(state) = state.filter(|state| state.enabled == Some(true)) else {
        return Ok(Vec::new());
    };
    let transport = state.transport.filter(|name| !name.is_empty());
    if let Some(name) = transport {
        let word = |one: char| one.is_ascii_alphanumeric() || "-_.".contains(one);
        if name.len() > 64 || !name.chars().all(word) {
            return Err("twoFactor.transport is no word".to_owned());
        }
        return Ok(vec![ArrivedFactor::Address(Channel::Webhook, name)]);
    }
    let key = state.secret_key.as_deref().and_then(seed);
    let key = key.ok_or("twoFactor.secretKey is no base32 of 10 to 64 bytes")?;
    Ok(vec![ArrivedFactor::App(key)])
}

/// Whether the import knows this field of Aidbox and leaves it out.
pub fn is_known(field: &str) -> bool {
    NO_PLACE.contains(&field) || ["name", "picture"].contains(&field)
}
