//! A row of Auth0's bulk import: the fields of its schema, and what becomes of them
//! here.

use countersign::usecase::accounts::former_user::{CheckedUser, FormerUser};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::import::systems::auth0_hash::{CustomHash, password};
use crate::import::systems::fields::{ReadUser, object, role_names};

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
    let former = FormerUser {
        identifier: user.user_id,
        email: user.email,
        email_verified: user.email_verified,
        user_name: user.username,
        phone_number: user.phone_number,
        phone_verified: user.phone_verified,
        given_name: user.given_name,
        family_name: user.family_name,
        blocked: user.blocked,
        roles: role_names,
        password: password(user.password_hash, user.custom_password_hash)?,
        factors: user.mfa_factors.into_iter().map(MfaFactor::parts).collect(),
    };
    let CheckedUser { arrival, former_id } = former.checked()?;
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

impl MfaFactor {
    fn parts(self) -> [Option<String>; 3] {
        let value = |address: Option<Addressed>| address.map(|address| address.value);
        let secret = self.totp.map(|totp| totp.secret);
        [secret, value(self.phone), value(self.email)]
    }
}
