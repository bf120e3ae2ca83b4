//! The keys of a user's items. All of them stand in the user's partition.

use crate::domain::authorization::key_proof::KeyThumbprint;
use crate::domain::factors::passkey::UserHandle;
use crate::domain::id::{FactorId, LoginId, SessionId, UserId};
use crate::store::item::Key;

pub(in crate::store) const PROFILE: &str = "PROFILE";
pub(in crate::store) const FACTOR_PREFIX: &str = "PROFILE#FACTOR#";
pub(in crate::store) const RECOVERY: &str = "PROFILE#RECOVERY";
pub(in crate::store) const METADATA: &str = "PROFILE#METADATA";
pub(in crate::store) const LOGIN_PREFIX: &str = "LOGIN#";
pub(in crate::store) const SESSION_PREFIX: &str = "SESSION#";
pub(in crate::store) const DEVICE_PREFIX: &str = "DEVICE#";

/// The partition of everything that belongs to a user.
pub(in crate::store) fn partition(user: UserId) -> String {
    format!("USER#{user}")
}

pub(in crate::store) fn profile_key(user: UserId) -> Key {
    Key::new(partition(user), PROFILE)
}

/// One factor. Factors stand beside the profile, so that one query reads both.
pub(in crate::store) fn factor_key(user: UserId, factor: FactorId) -> Key {
    Key::new(partition(user), format!("{FACTOR_PREFIX}{factor}"))
}

/// The recovery codes, beside the profile too.
pub(in crate::store) fn recovery_key(user: UserId) -> Key {
    Key::new(partition(user), RECOVERY)
}

/// What an app keeps with the user, beside the profile too.
pub(in crate::store) fn metadata_key(user: UserId) -> Key {
    Key::new(partition(user), METADATA)
}

pub(in crate::store) fn login_key(user: UserId, login: LoginId) -> Key {
    Key::new(partition(user), format!("{LOGIN_PREFIX}{login}"))
}

pub(in crate::store) fn session_key(user: UserId, session: SessionId) -> Key {
    Key::new(partition(user), format!("{SESSION_PREFIX}{session}"))
}

/// A device that the user trusts.
pub(in crate::store) fn device_key(user: UserId, key: &KeyThumbprint) -> Key {
    Key::new(partition(user), format!("{DEVICE_PREFIX}{}", key.as_str()))
}

/// The item that names the user of a handle.
pub(in crate::store) fn handle_key(handle: UserHandle) -> Key {
    let digits: String = handle
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Key::new(format!("PASSKEYUSER#{digits}"), "USER")
}
