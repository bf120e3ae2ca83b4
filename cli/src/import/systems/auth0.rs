//! A row of Auth0's bulk import: the fields of its schema, and what becomes of them
//! here.

use countersign::domain::accounts::moving_in::former_details::FormerDetails;
use countersign::domain::accounts::moving_in::former_user::{CheckedUser, FormerUser};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::import::systems::auth0_hash::{CustomHash, password};
use crate::import::systems::fields::{ReadUser, object, role_names};

/// The fields of the schema that the import leaves out.
const NO_PLACE: [&str; 2] = [APP_METADATA, "verify_email"];

const APP_METADATA: &str = "app_metadata";

/// The fields of which a part may be left out.
const PARTS: [&str; 4] = ["name", "nickname", "picture", "user_metadata"];

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
    name: Option<String>,
    nickname: Option<String>,
    picture: Option<String>,
    user_metadata: Option<Map<String, Value>>,
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
    let others = user.others.keys().filter(|name| *name != APP_METADATA);
    let mut left_out: Vec<String> = others.cloned().collect();
    let app_metadata = user.others.get(APP_METADATA);
    left_out.extend(app_metadata_without(app_metadata, roles));
    let role_names = match roles {
        None => Vec::new(),
        Some(field) => role_names(app_metadata.and_then(|data| data.get(field)))?,
    };
    let former = FormerUser {
        identifier: user.user_id,
        email: user.email,
        email_verified: user.email_verified,
        user_name: user.username,
        phone_number: user.phone_number,
        phone_verified: user.phone_verified,
        given_name: user.given_name,
        family_name: user.family_name,
        details: FormerDetails {
            name: user.name,
            nickname: user.nickname,
            picture: user.picture,
            metadata: texts_of(user.user_metadata),
        },
        blocked: user.blocked,
        roles: role_names,
        password: password(user.password_hash, user.custom_password_hash)?,
        factors: user.mfa_factors.into_iter().map(MfaFactor::parts).collect(),
    };
    let CheckedUser {
        arrival,
        left_out: parts,
        former_id,
    } = former.into_checked()?;
    left_out.extend(parts);
    Ok(ReadUser {
        arrival,
        former_id,
        left_out,
    })
}

/// The members of `app_metadata` that the import leaves out: all but the roles. A member that
/// is null says nothing.
fn app_metadata_without(data: Option<&Value>, roles: Option<&str>) -> Vec<String> {
    match data {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(members)) => {
            let members = members.iter().filter(|(_, value)| !value.is_null());
            let left = members.filter(|(name, _)| Some(name.as_str()) != roles);
            left.map(|(name, _)| format!("{APP_METADATA}.{name}"))
                .collect()
        }
        Some(_) => vec![APP_METADATA.to_owned()],
    }
}

/// The members of `user_metadata`, with `None` in place of a value that is no text. A member
/// that is null says nothing.
fn texts_of(metadata: Option<Map<String, Value>>) -> Vec<(String, Option<String>)> {
    let members = metadata.unwrap_or_default().into_iter();
    let members = members.filter(|(_, value)| !value.is_null());
    members
        .map(|(name, value)| match value {
            Value::String(text) => (name, Some(text)),
            _ => (name, None),
        })
        .collect()
}

/// Whether the import knows this field of the schema and leaves it out.
pub fn is_known(field: &str) -> bool {
    NO_PLACE.contains(&field) || PARTS.contains(&field)
}

impl MfaFactor {
    fn parts(self) -> [Option<String>; 3] {
        let value = |address: Option<Addressed>| address.map(|address| address.value);
        let secret = self.totp.map(|totp| totp.secret);
        [secret, value(self.phone), value(self.email)]
    }
}
