//! A row of Auth0's bulk import: the fields of its schema, and what becomes of them
//! here.

use countersign::domain::accounts::user::{EmailAddress, UserName};
use countersign::domain::factors::factor::Channel;
use countersign::domain::messages::phone_number::PhoneNumber;
use countersign::usecase::administration::users::import::{Arrival, ArrivedFactor};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::import::systems::auth0_hash::{CustomHash, password};
use crate::import::systems::fields::{
    ReadUser, at_most_ten, identifier, line, object, parsed, role_names, seed,
};

/// The prefix of the identifiers of users of an Auth0 database.
const STRATEGY: &str = "auth0|";

/// The fields of the schema that the import leaves out.
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

/// Reads a row. `roles` names the field of `app_metadata` with the roles.
///
/// # Errors
/// The reason, for the file of refused rows.
pub fn read(row: &[u8], roles: Option<&str>) -> Result<ReadUser, String> {
    let value = Value::Object(object(row)?);
    let user: Auth0User = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let email = parsed(user.email.as_deref(), "email", EmailAddress::parse)?;
    let user_name = parsed(user.username.as_deref(), "username", UserName::parse)?;
    let Some(first) = user.email.as_ref().or(user.username.as_ref()) else {
        return Err("neither email nor username".to_owned());
    };
    let own = user.user_id.as_deref();
    let own = own.map(|id| id.strip_prefix(STRATEGY).unwrap_or(id));
    let former_id = own.map(|own| format!("{STRATEGY}{own}"));
    if user.user_id.as_deref() == Some("") {
        return Err("user_id is empty".to_owned());
    }
    let id = identifier("auth0", own, first);
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
        two_factor: !user.mfa_factors.is_empty(),
        must_change_password: false,
        password: password(user.password_hash, user.custom_password_hash)?,
        factors: at_most_ten(factors?)?,
    };
    Ok(ReadUser {
        arrival,
        former_id,
        left_out,
    })
}

/// Whether the import knows this field of the schema and leaves it out.
pub fn is_known(field: &str) -> bool {
    NO_PLACE.contains(&field)
}

fn factor(factor: &MfaFactor) -> Result<ArrivedFactor, String> {
    match (&factor.totp, &factor.phone, &factor.email) {
        (Some(totp), None, None) => {
            let wrong = "the secret of a totp factor is no base32 of 10 to 64 bytes";
            let seed = seed(&totp.secret).ok_or_else(|| wrong.to_owned())?;
            Ok(ArrivedFactor::App(seed))
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
