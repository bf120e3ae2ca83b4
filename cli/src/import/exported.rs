//! A row of this tool's own `export`: Auth0's schema, and what stands under
//! `countersign` beyond.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::domain::accounts::moving_in::arrival::ArrivedFactor;
use countersign::domain::accounts::moving_in::arrival::ArrivedPassword;
use countersign::domain::accounts::moving_in::former_identity::is_subject;
use countersign::domain::accounts::moving_in::kept_user::{KeptFactor, KeptUser};
use countersign::domain::accounts::password::PasswordHash;
use countersign::domain::accounts::user::EmailAddress;
use countersign::domain::factors::factor::{Channel, RecoveryCodes, is_former_code};
use countersign::domain::factors::passkey::{LONGEST_CREDENTIAL, Passkey, SecondUse, UserHandle};
use countersign::domain::id::{FactorId, UserId};
use countersign::domain::login::throttle::WrongCodes;
use countersign::usecase::factors::passkeys::ceremony::is_public_key;
use serde::Deserialize;
use serde_json::Value;

use crate::export::row::VERSION;
use crate::import::systems::auth0;
use crate::import::systems::fields::{ReadUser, object};

/// The most recovery codes of a user.
const MOST_CODES: usize = 100;

/// What stands under `countersign`.
#[derive(Deserialize)]
struct Own {
    subject: Option<String>,
    created_at: i64,
    epoch: u64,
    two_factor: bool,
    must_change_password: bool,
    password_changed_at: Option<i64>,
    reset_by: Option<String>,
    reset_at: Option<i64>,
    enrolments: u64,
    password_hash: Option<String>,
    recovery_codes: Option<OwnCodes>,
    wrong_codes: OwnWrongCodes,
    factors: Vec<OwnFactor>,
    webhooks: Vec<OwnFactor>,
    #[serde(default)]
    passkeys: Vec<OwnPasskey>,
    passkey_handle: Option<String>,
}

#[derive(Deserialize)]
struct OwnPasskey {
    #[serde(flatten)]
    factor: OwnFactor,
    #[serde(flatten)]
    passkey: ExportedPasskey,
}

/// A passkey as an export writes it.
#[derive(Deserialize)]
pub struct ExportedPasskey {
    credential: String,
    public_key: String,
    counter: u32,
    may_be_copied: bool,
    is_copied: bool,
    last_used_at: Option<i64>,
    #[serde(default)]
    second: bool,
}

#[derive(Deserialize)]
struct OwnCodes {
    id: String,
    owned: bool,
    hashes: Vec<String>,
}

#[derive(Deserialize)]
struct OwnWrongCodes {
    user: u32,
    stranger: u32,
    near: u32,
}

#[derive(Deserialize)]
struct OwnFactor {
    id: String,
    created_at: i64,
    owned: bool,
    last_step: Option<u64>,
    /// Whose code the webhook brings.
    value: Option<String>,
}

/// Reads a row.
///
/// # Errors
/// The reason, for the file of refused rows.
pub fn read(row: &[u8]) -> Result<ReadUser, String> {
    let mut fields = object(row)?;
    let own = fields.remove("countersign").unwrap_or_default();
    let version = own.get("version").and_then(Value::as_u64);
    match version {
        Some(VERSION) => {}
        None => return Err("no row of an export: countersign.version is missing".to_owned()),
        Some(_) => return Err("the export is of another version of this tool".to_owned()),
    }
    let own: Own = serde_json::from_value(own).map_err(|error| format!("countersign: {error}"))?;
    let standard = Value::Object(fields).to_string();
    let mut read = auth0::read(standard.as_bytes(), Some("roles"))?;
    let arrival = &mut read.arrival;
    if let Some(subject) = &own.subject {
        let named = is_subject(subject) && UserId::of_subject(subject) == arrival.identity.id;
        if !named {
            return Err("countersign.subject is not the user's".to_owned());
        }
        arrival.identity.subject = Some(subject.clone());
    }
    arrival.two_factor = own.two_factor;
    arrival.must_change_password = own.must_change_password;
    if let Some(hash) = &own.password_hash {
        if arrival.password.is_some() {
            return Err("two password hashes".to_owned());
        }
        let hash = PasswordHash::from_stored(hash.as_str());
        let why = |unusable: countersign::domain::accounts::password::UnusableHash| {
            format!("the password hash: {}", unusable.0)
        };
        hash.check().map_err(why)?;
        arrival.password = Some(ArrivedPassword::Slow(hash));
    }
    if own.factors.len() != arrival.factors.len() {
        return Err("countersign.factors is not as long as mfa_factors".to_owned());
    }
    for webhook in &own.webhooks {
        let to = webhook.value.clone().ok_or("a webhook has no value")?;
        let factor = ArrivedFactor::Address(Channel::Webhook, to);
        arrival.factors.push(factor);
    }
    for passkey in &own.passkeys {
        let passkey = passkey.passkey.read()?;
        let factor = ArrivedFactor::Passkey(Box::new(passkey));
        arrival.factors.push(factor);
    }
    arrival.kept = Some(Box::new(own.kept()?));
    Ok(read)
}

impl Own {
    fn kept(self) -> Result<KeptUser, String> {
        let passkeys = self.passkeys.iter().map(|passkey| &passkey.factor);
        let factors = self.factors.iter().chain(&self.webhooks).chain(passkeys);
        let handle = self
            .passkey_handle
            .as_deref()
            .map(read_handle)
            .transpose()?;
        if handle.is_none() && !self.passkeys.is_empty() {
            return Err("passkeys want a passkey_handle".to_owned());
        }
        let factors = factors.map(|factor| {
            Ok::<_, String>(KeptFactor {
                id: factor_id(&factor.id)?,
                created_at: factor.created_at,
                last_step: factor.last_step,
                owned: factor.owned,
            })
        });
        let wrong = &self.wrong_codes;
        let reset_by = self.reset_by.as_deref();
        let good = reset_by.is_none_or(|address| EmailAddress::parse(address).is_some());
        if !good {
            return Err("reset_by is no e-mail address".to_owned());
        }
        let recovery_owned = self
            .recovery_codes
            .as_ref()
            .is_some_and(|codes| codes.owned);
        let factors: Vec<KeptFactor> = factors.collect::<Result<_, String>>()?;
        let ids: HashSet<FactorId> = factors.iter().map(|factor| factor.id).collect();
        if ids.len() < factors.len() {
            return Err("two factors have one id".to_owned());
        }
        Ok(KeptUser {
            recovery_owned,
            created_at: self.created_at,
            epoch: self.epoch,
            password_changed_at: self.password_changed_at,
            reset_at: self.reset_at,
            enrolments: self.enrolments,
            passkey_handle: handle,
            factors,
            recovery: self
                .recovery_codes
                .as_ref()
                .map(OwnCodes::read)
                .transpose()?,
            wrong_codes: WrongCodes {
                user: wrong.user.into(),
                stranger: wrong.stranger.into(),
                near: wrong.near.into(),
            },
            reset_by: self.reset_by,
        })
    }
}

impl ExportedPasskey {
    /// The passkey as the table stores it.
    ///
    /// # Errors
    /// The reason, in one line.
    pub fn read(&self) -> Result<Passkey, String> {
        let credential = bytes(&self.credential)?;
        if !(1..=LONGEST_CREDENTIAL).contains(&credential.len()) {
            return Err("the credential of a passkey is empty or too long".to_owned());
        }
        if !is_public_key(&self.public_key) {
            return Err("the public key of a passkey cannot be used".to_owned());
        }
        Ok(Passkey {
            credential,
            public_key: self.public_key.clone(),
            counter: self.counter,
            may_be_copied: self.may_be_copied,
            is_copied: self.is_copied,
            last_used_at: self.last_used_at,
            second: match self.second {
                true => SecondUse::Closed,
                false => SecondUse::Nothing,
            },
        })
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let read = URL_SAFE_NO_PAD.decode(text);
    read.map_err(|_| "a passkey is not in base64url".to_owned())
}

/// The handle by which passkeys name a user.
///
/// # Errors
/// The reason, in one line.
pub fn read_handle(text: &str) -> Result<UserHandle, String> {
    let read = UserHandle::read(&bytes(text)?);
    read.ok_or_else(|| "passkey_handle has not 32 bytes".to_owned())
}

impl OwnCodes {
    fn read(&self) -> Result<RecoveryCodes, String> {
        // The hash of a code is SHA-256 in base64url. The hash of a code of the system
        // before is argon2id.
        let byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let former = |hash: &String| is_former_code(hash) && is_argon2id(hash);
        let good = |hash: &String| (hash.len() == 43 && hash.bytes().all(byte)) || former(hash);
        if self.hashes.len() > MOST_CODES || !self.hashes.iter().all(good) {
            return Err("recovery_codes has no hashes of this service".to_owned());
        }
        Ok(RecoveryCodes {
            id: factor_id(&self.id)?,
            hashes: self.hashes.clone(),
        })
    }
}

fn is_argon2id(hash: &str) -> bool {
    hash.starts_with("$argon2id$") && PasswordHash::from_stored(hash).check().is_ok()
}

fn factor_id(text: &str) -> Result<FactorId, String> {
    let wrong = || "the id of a factor is no UUID".to_owned();
    FactorId::parse(text).ok_or_else(wrong)
}
