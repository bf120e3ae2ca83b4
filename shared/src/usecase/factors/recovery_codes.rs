//! Makes recovery codes, which are shown once.

use crate::domain::Dialect;
use crate::domain::accounts::user::Account;
use crate::domain::factors::factor::RecoveryCodes;
use crate::domain::factors::factor::recovery_code;
use crate::domain::id::FactorId;
use crate::domain::id::UserId;
use crate::domain::login::pending_login::Login;
use crate::domain::secret::Secret;
use crate::failure::Broken;
use crate::keyring::random;
use crate::keyring::recovery_hash;

/// One new recovery code.
pub(crate) fn new_recovery_code() -> Result<Secret, Broken> {
    loop {
        if let Some(code) = recovery_code(&random::<40>()?) {
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
        id: FactorId::random(random()?),
        hashes: texts.iter().map(|code| recovery_hash(user, code)).collect(),
    };
    Ok((codes, texts))
}

/// Auth0 shows its one recovery code when the first enrolment begins. ABP shows
/// several when the first factor is confirmed.
pub(crate) fn first_recovery_codes(
    account: &Account,
    login: &Login,
    by_address: bool,
) -> Result<(Option<RecoveryCodes>, Vec<Secret>), Broken> {
    match login.dialect {
        Dialect::Auth0 if account.recovery.is_none() && !by_address => {
            let (codes, texts) = new_recovery_codes(account.user.id, 1)?;
            Ok((Some(codes), texts))
        }
        Dialect::Auth0 | Dialect::Abp | Dialect::CodeMaze | Dialect::Aidbox => {
            Ok((None, Vec::new()))
        }
    }
}

/// How many recovery codes come with a confirmed app, as in ASP.NET Identity.
pub(crate) const RECOVERY_CODES: usize = 10;
