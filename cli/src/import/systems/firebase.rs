//! A user of `firebase auth:export`, and the parameters of the project's hashes.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::domain::accounts::foreign::firebase::Firebase;
use countersign::domain::accounts::foreign::scrypt::ScryptCost;
use countersign::domain::accounts::moving_in::arrival::ArrivedFactor;
use countersign::domain::accounts::moving_in::arrival::{Arrival, ArrivedPassword};
use countersign::domain::accounts::moving_in::former_details::FormerDetails;
use countersign::domain::accounts::moving_in::former_identity::FormerIdentity;
use countersign::domain::accounts::user::EmailAddress;
use countersign::domain::factors::factor::Channel;
use countersign::domain::messages::phone_number::PhoneNumber;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::import::systems::fields::{
    ReadUser, at_most_ten, object, parsed, role_names, said, slow,
};
use crate::problem::Problem;

/// Fields that the service does not need. The summary does not report them as left out.
const SILENT: [&str; 5] = [
    "createdAt",
    "lastSignedInAt",
    "lastLoginAt",
    "validSince",
    "version",
];

/// The fields that the import leaves out.
const NO_PLACE: [&str; 3] = ["providerUserInfo", "customAttributes", "authenticator apps"];

/// The *Password hash parameters* that the Firebase console shows.
pub struct HashConfig {
    signer_key: Vec<u8>,
    salt_separator: Vec<u8>,
    cost: ScryptCost,
}

impl HashConfig {
    /// Reads the file with the parameters that the console shows.
    ///
    /// # Errors
    /// One line that names what is missing or wrong.
    pub fn at(path: &Path) -> Result<Self, Problem> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
        let read = text.and_then(|text| Self::read(&text));
        read.map_err(|why| Problem::usage(format!("{}: {why}", path.display())))
    }

    /// Reads the text that the console shows.
    fn read(text: &str) -> Result<Self, String> {
        let value = |name: &str| {
            let lines = text.split(['\n', ',', '{', '}']);
            let mut pairs = lines.filter_map(|line| line.split_once(':'));
            let found = pairs.find(|(known, _)| known.trim() == name);
            let value = found.map(|(_, value)| value.trim().trim_matches('"'));
            value.ok_or_else(|| format!("{name} is missing"))
        };
        if value("algorithm")? != "SCRYPT" {
            return Err("algorithm is not SCRYPT".to_owned());
        }
        let decoded = |name: &str| {
            let bytes = STANDARD.decode(value(name)?);
            bytes.map_err(|_| format!("{name} is no base64"))
        };
        let number = |name: &str| {
            let number = value(name)?.parse::<u8>();
            number.map_err(|_| format!("{name} is no small number"))
        };
        Ok(Self {
            signer_key: decoded("base64_signer_key")?,
            salt_separator: decoded("base64_salt_separator")?,
            cost: ScryptCost {
                log_n: number("mem_cost")?,
                r: u32::from(number("rounds")?),
                p: 1,
            },
        })
    }
}

/// A user as Firebase exports it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FirebaseUser {
    local_id: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    password_hash: Option<String>,
    salt: Option<String>,
    phone_number: Option<String>,
    display_name: Option<String>,
    photo_url: Option<String>,
    disabled: Option<bool>,
    custom_attributes: Option<String>,
    mfa_info: Option<Vec<MfaInfo>>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// A second factor. The API exports it, and the CLI leaves it out.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MfaInfo {
    phone_info: Option<String>,
}

/// Reads a row. `roles` names the custom claim with the roles.
///
/// # Errors
/// The reason, for the file of refused rows.
pub fn read(
    row: &[u8],
    config: Option<&HashConfig>,
    roles: Option<&str>,
) -> Result<ReadUser, String> {
    let value = Value::Object(object(row)?);
    let user: FirebaseUser = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let Some(email) = &user.email else {
        return Err("no email: the user signs in by a phone number or anonymously".to_owned());
    };
    let former_id = user.local_id.clone().filter(|id| !id.is_empty());
    let phone = user.phone_number.as_deref();
    let mut left_out = said(user.others, &SILENT);
    let roles = roles_of(user.custom_attributes.as_deref(), roles, &mut left_out)?;
    let mfa = user.mfa_info.unwrap_or_default();
    let mut factors = Vec::new();
    for factor in &mfa {
        let Some(phone) = &factor.phone_info else {
            // Firebase does not export the seeds of authenticator apps.
            left_out.push("authenticator apps".to_owned());
            continue;
        };
        let number = PhoneNumber::parse(phone).ok_or("phoneInfo cannot be used here")?;
        factors.push(ArrivedFactor::Address(
            Channel::Sms,
            number.as_str().to_owned(),
        ));
    }
    let password = match (user.password_hash, user.salt) {
        (None, _) => None,
        (Some(hash), salt) => Some(password(&hash, salt.as_deref(), config)?),
    };
    let details = FormerDetails {
        name: user.display_name,
        picture: user.photo_url,
        ..FormerDetails::default()
    };
    let (profile, parts) = details.fitting();
    left_out.extend(parts);
    let arrival = Arrival {
        identity: FormerIdentity::of(former_id.as_deref(), email),
        user_name: None,
        email: parsed(Some(email), "email", EmailAddress::parse)?,
        email_confirmed: user.email_verified.unwrap_or(false),
        // Firebase stores only phone numbers that a code has confirmed.
        phone_confirmed: phone.is_some(),
        phone: parsed(phone, "phoneNumber", PhoneNumber::parse)?,
        given_name: None,
        family_name: None,
        profile,
        roles,
        active: !user.disabled.unwrap_or(false),
        locked_until: None,
        two_factor: !mfa.is_empty(),
        must_change_password: false,
        password,
        factors: at_most_ten(factors)?,
        recovery_codes: Vec::new(),
        kept: None,
    };
    Ok(ReadUser {
        arrival,
        former_id,
        left_out,
    })
}

/// The roles in the custom claim of this name.
fn roles_of(
    claims: Option<&str>,
    name: Option<&str>,
    left_out: &mut Vec<String>,
) -> Result<Vec<String>, String> {
    let Some(claims) = claims.filter(|claims| !claims.trim().is_empty()) else {
        return Ok(Vec::new());
    };
    let Some(name) = name else {
        left_out.push("customAttributes".to_owned());
        return Ok(Vec::new());
    };
    let claims: Value =
        serde_json::from_str(claims).map_err(|_| "customAttributes is no JSON".to_owned())?;
    role_names(claims.get(name))
}

fn password(
    hash: &str,
    salt: Option<&str>,
    config: Option<&HashConfig>,
) -> Result<ArrivedPassword, String> {
    let config = config.ok_or("a password hash needs --hash-config")?;
    let decoded = |name: &str, text: &str| {
        let bytes = STANDARD.decode(text);
        bytes.map_err(|_| format!("{name} is no base64"))
    };
    let hash = decoded("passwordHash", hash)?;
    let mut salt = decoded("salt", salt.unwrap_or_default())?;
    salt.extend_from_slice(&config.salt_separator);
    let made = Firebase::new(config.cost, salt, &hash, &config.signer_key);
    slow(
        made.map_err(|unusable| format!("the password hash: {}", unusable.0))?
            .to_text(),
    )
}

/// Whether the import knows this field of Firebase and leaves it out.
pub fn is_known(field: &str) -> bool {
    NO_PLACE.contains(&field) || ["name", "picture"].contains(&field)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::HashConfig;

    #[test]
    fn what_the_console_shows_is_read_and_what_is_missing_is_named() {
        let shown = "hash_config {\n  algorithm: SCRYPT,\n  base64_signer_key: AAAA==,\n  \
                     base64_salt_separator: Bw==,\n  rounds: 8,\n  mem_cost: 14,\n}\n";
        let why = |text: &str| HashConfig::read(text).err();
        assert_eq!(
            why(shown).as_deref(),
            Some("base64_signer_key is no base64")
        );
        let shown = shown.replace("AAAA==", "AAAA");
        let read = HashConfig::read(&shown).unwrap();
        assert_eq!((read.cost.log_n, read.cost.r), (14, 8));
        assert_eq!(read.salt_separator, [7]);
        assert_eq!(why("").as_deref(), Some("algorithm is missing"));
        let other = shown.replace("SCRYPT", "BCRYPT");
        assert_eq!(why(&other).as_deref(), Some("algorithm is not SCRYPT"));
        let other = shown.replace("8,", "many,");
        assert_eq!(why(&other).as_deref(), Some("rounds is no small number"));
    }
}
