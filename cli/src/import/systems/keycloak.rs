//! A user of Keycloak's realm export.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use countersign::domain::accounts::foreign::digest::HashFunction;
use countersign::domain::accounts::foreign::pbkdf2::Pbkdf2;
use countersign::domain::accounts::moving_in::arrival::ArrivedFactor;
use countersign::domain::accounts::moving_in::arrival::{Arrival, ArrivedPassword};
use countersign::domain::accounts::moving_in::former_identity::FormerIdentity;
use countersign::domain::accounts::profile::Profile;
use countersign::domain::accounts::user::{EmailAddress, UserName};
use countersign::domain::factors::totp::Seed;
use countersign::domain::messages::phone_number::PhoneNumber;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::import::systems::fields::{
    ReadUser, at_most_ten, line, object, parsed, role_names, said, seed, slow,
};

/// Fields that the service does not need. The summary does not report them as left out.
const SILENT: [&str; 7] = [
    "createdTimestamp",
    "notBefore",
    "disableableCredentialTypes",
    "totp",
    "access",
    "origin",
    "self",
];

/// The fields and the kinds of credentials that the import leaves out.
const NO_PLACE: [&str; 10] = [
    "attributes",
    "groups",
    "clientRoles",
    "clientConsents",
    "federatedIdentities",
    "federationLink",
    "applicationRoles",
    "webauthn",
    "webauthn-passwordless",
    "recovery-authn-codes",
];

/// Roles that Keycloak gives to every user.
const EVERYBODYS: [&str; 2] = ["offline_access", "uma_authorization"];

/// The attributes that may hold a phone number.
const PHONES: [&str; 3] = ["phoneNumber", "phone_number", "phone"];

/// The attributes that may say that the number is confirmed.
const PHONES_CONFIRMED: [&str; 2] = ["phoneNumberVerified", "phone_number_verified"];

/// A user in the realm's file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeycloakUser {
    id: Option<String>,
    username: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    enabled: Option<bool>,
    first_name: Option<String>,
    last_name: Option<String>,
    service_account_client_id: Option<String>,
    attributes: Option<Map<String, Value>>,
    credentials: Option<Vec<Credential>>,
    realm_roles: Option<Vec<Value>>,
    required_actions: Option<Vec<String>>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// A credential. Its data are two texts that contain JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential {
    r#type: String,
    secret_data: Option<String>,
    credential_data: Option<String>,
}

#[derive(Deserialize)]
struct Secret {
    value: String,
    salt: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PasswordData {
    hash_iterations: u32,
    algorithm: String,
    additional_parameters: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OtpData {
    sub_type: String,
    digits: u32,
    period: u32,
    algorithm: String,
    secret_encoding: Option<String>,
}

/// Reads a row.
///
/// # Errors
/// The reason, for the file of refused rows.
pub fn read(row: &[u8]) -> Result<ReadUser, String> {
    let value = Value::Object(object(row)?);
    let user: KeycloakUser = serde_json::from_value(value).map_err(|error| error.to_string())?;
    if user.service_account_client_id.is_some() {
        return Err("the user is a client's service account".to_owned());
    }
    let Some(first) = user.email.as_ref().or(user.username.as_ref()) else {
        return Err("neither email nor username".to_owned());
    };
    let mut left_out = said(user.others, &SILENT);
    let mut attributes = user.attributes.unwrap_or_default();
    let phone = first_of(&mut attributes, &PHONES);
    let phone_confirmed = first_of(&mut attributes, &PHONES_CONFIRMED);
    if !said(attributes, &["locale"]).is_empty() {
        left_out.push("attributes".to_owned());
    }
    let (mut secret, mut factors) = (None, Vec::new());
    for credential in user.credentials.unwrap_or_default() {
        match credential.r#type.as_str() {
            "password" if secret.is_some() => return Err("more than one password".to_owned()),
            "password" => secret = Some(password(&credential)?),
            "otp" => factors.push(ArrivedFactor::App(otp(&credential)?)),
            "password-history" => {}
            other => left_out.push(other.to_owned()),
        }
    }
    let actions = user.required_actions.unwrap_or_default();
    let due = |action: &str| actions.iter().any(|one| one == action);
    let roles = role_names(user.realm_roles.map(Value::Array).as_ref())?.into_iter();
    let roles = roles
        .filter(|role| !role.starts_with("default-roles-") && !EVERYBODYS.contains(&role.as_str()));
    let id = user.id.as_deref().filter(|id| !id.is_empty());
    let arrival = Arrival {
        identity: FormerIdentity::of(id, first),
        user_name: parsed(user.username.as_deref(), "username", UserName::parse)?,
        email: parsed(user.email.as_deref(), "email", EmailAddress::parse)?,
        email_confirmed: user.email_verified.unwrap_or(false),
        phone: parsed(phone.as_deref(), "the phone number", PhoneNumber::parse)?,
        phone_confirmed: phone_confirmed.as_deref() == Some("true"),
        given_name: line(user.first_name, "firstName")?,
        family_name: line(user.last_name, "lastName")?,
        profile: Profile::default(),
        roles: roles.collect(),
        active: user.enabled.unwrap_or(true),
        locked_until: None,
        two_factor: !factors.is_empty() || due("CONFIGURE_TOTP"),
        must_change_password: due("UPDATE_PASSWORD"),
        password: secret,
        factors: at_most_ten(factors)?,
        recovery_codes: Vec::new(),
        kept: None,
    };
    Ok(ReadUser {
        arrival,
        former_id: user.id,
        left_out,
    })
}

/// The first value of the first of these attributes that has a value.
fn first_of(attributes: &mut Map<String, Value>, names: &[&str]) -> Option<String> {
    let mut found = None;
    for name in names {
        let value = match attributes.remove(*name) {
            Some(Value::Array(values)) => values.into_iter().next(),
            other => other,
        };
        found = found.or(value.and_then(|value| value.as_str().map(str::to_owned)));
    }
    found.filter(|text| !text.is_empty())
}

/// Reads the two JSON texts of a credential.
fn data<T: for<'a> Deserialize<'a>>(credential: &Credential) -> Result<(Secret, T), String> {
    let kind = &credential.r#type;
    let missing = || format!("the {kind} credential has no data: export with kc.sh");
    let secret = credential.secret_data.as_deref().ok_or_else(missing)?;
    let rest = credential.credential_data.as_deref().ok_or_else(missing)?;
    let malformed = |_| format!("the data of the {kind} credential is malformed");
    let secret = serde_json::from_str(secret).map_err(malformed)?;
    let rest = serde_json::from_str(rest).map_err(malformed)?;
    Ok((secret, rest))
}

fn password(credential: &Credential) -> Result<ArrivedPassword, String> {
    let (secret, data): (Secret, PasswordData) = data(credential)?;
    let decoded = |text: &str| {
        let bytes = STANDARD.decode(text);
        bytes.map_err(|_| "the password's hash or salt is no base64".to_owned())
    };
    let hash = decoded(&secret.value)?;
    let salt = decoded(secret.salt.as_deref().unwrap_or_default())?;
    let digest = match data.algorithm.as_str() {
        "pbkdf2" => HashFunction::Sha1,
        "pbkdf2-sha256" => HashFunction::Sha256,
        "pbkdf2-sha512" => HashFunction::Sha512,
        "argon2" => return argon2(&data, &salt, &hash),
        other => {
            return Err(format!(
                "the password's algorithm {other:.20?} is not supported"
            ));
        }
    };
    let made = Pbkdf2::new(digest, data.hash_iterations, salt, hash);
    slow(
        made.map_err(|unusable| format!("the password hash: {}", unusable.0))?
            .to_text(),
    )
}

/// Reads an argon2 hash. Keycloak writes each parameter as a list with one text.
fn argon2(data: &PasswordData, salt: &[u8], hash: &[u8]) -> Result<ArrivedPassword, String> {
    let empty = Map::new();
    let parameters = data.additional_parameters.as_ref().unwrap_or(&empty);
    let text = |name: &str| {
        let value = parameters.get(name).and_then(|values| match values {
            Value::Array(values) => values.first().and_then(Value::as_str),
            other => other.as_str(),
        });
        value.ok_or_else(|| format!("argon2 wants the parameter {name}"))
    };
    let number = |name: &str| {
        let number = text(name)?.parse::<u32>();
        number.map_err(|_| format!("argon2's parameter {name} is no number"))
    };
    let kind = match text("type")? {
        kind @ ("id" | "i" | "d") => kind,
        _ => return Err("argon2's parameter type is not one of id, i, d".to_owned()),
    };
    if text("version")? != "1.3" {
        return Err("argon2's version is not 1.3".to_owned());
    }
    let (memory, lanes) = (number("memory")?, number("parallelism")?);
    let (passes, salt) = (data.hash_iterations, STANDARD_NO_PAD.encode(salt));
    let hash = STANDARD_NO_PAD.encode(hash);
    slow(format!(
        "$argon2{kind}$v=19$m={memory},t={passes},p={lanes}${salt}${hash}"
    ))
}

/// The seed of an authenticator app. The bytes of Keycloak's text are the seed, unless
/// the credential says that the text is base32.
fn otp(credential: &Credential) -> Result<Seed, String> {
    let (secret, data): (Secret, OtpData) = data(credential)?;
    let is_ours = data.sub_type == "totp"
        && data.digits == 6
        && data.period == 30
        && data.algorithm == "HmacSHA1";
    if !is_ours {
        return Err("an otp credential is not of six digits, 30 seconds and SHA-1".to_owned());
    }
    let found = match data.secret_encoding.as_deref() {
        None => {
            let bytes = secret.value.into_bytes();
            (10..=64).contains(&bytes.len()).then(|| Seed::new(bytes))
        }
        Some(coding) if coding.eq_ignore_ascii_case("base32") => seed(&secret.value),
        Some(_) => None,
    };
    found.ok_or_else(|| "the secret of an otp credential has not 10 to 64 bytes".to_owned())
}

/// Whether the import knows this field or kind of credential and leaves it out.
pub fn is_known(field: &str) -> bool {
    NO_PLACE.contains(&field)
}
