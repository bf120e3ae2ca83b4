//! Makes recovery codes, which are shown once.

use crate::domain::accounts::user::Account;
use crate::domain::factors::factor::{RecoveryCodes, recovery_code};
use crate::domain::id::{FactorId, UserId};
use crate::domain::login::pending_login::Login;
use crate::domain::secret::Secret;
use crate::failure::Broken;
use crate::keyring::{random_bytes, recovery_hash};

pub(crate) fn new_recovery_code() -> Result<Secret, Broken> {
    loop {
        if let Some(code) = recovery_code(&random_bytes::<40>()?) {
            return Ok(code);
        }
    }
}

/// New recovery codes: the hashes, and the texts that are shown once.
pub(crate) fn new_recovery_codes(
    user: UserId,
    count: usize,
) -> Result<(RecoveryCodes, Vec<Secret>), Broken> {
    let mut texts = Vec::with_capacity(count);
    for _ in 0..count {
        texts.push(new_recovery_code()?);
    }
    let codes = RecoveryCodes {
        id: FactorId::random(random_bytes()?),
        hashes: texts.iter().map(|code| recovery_hash(user, code)).collect(),
    };
    Ok((codes, texts))
}

/// The recovery codes that are shown when a factor is begun, if this is the first
/// factor and the dialect shows them now.
pub(crate) fn first_recovery_codes(
    account: &Account,
    login: &Login,
    by_address: bool,
) -> Result<(Option<RecoveryCodes>, Vec<Secret>), Broken> {
    let style = login.dialect.recovery_codes();
    if !style.begins_with_code(account.recovery.is_some(), by_address) {
        return Ok((None, Vec::new()));
    }
    let (codes, texts) = new_recovery_codes(account.user.id, 1)?;
    Ok((Some(codes), texts))
}

/// How many recovery codes come with a confirmed app, as in ASP.NET Identity.
pub(crate) const RECOVERY_CODES: usize = 10;
