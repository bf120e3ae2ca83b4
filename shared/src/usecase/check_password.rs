//! Counts a guess at a password, and compares it.

use super::Caller;
use super::lockout_notice::tell_of_lockout;
use crate::app::App;
use crate::domain::password::{Compared, LONGEST_PASSWORD, PasswordHash};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::throttle::network_of;
use crate::domain::user::{Account, LoginName, User};
use crate::failure::{Broken, Failure};
use crate::keyring::{Ring, random, sha256};
use crate::store::Charge;

/// The name in its one form, and what a guess at its password is charged to.
pub(super) fn named(
    caller: &Caller,
    name: &str,
    password: &Secret,
) -> Result<(LoginName, Charge), Refusal> {
    let Some(name) = LoginName::parse(name) else {
        return Err(Refusal::RequestMalformed(
            "the user name is empty, too long or has control characters",
        ));
    };
    if password.expose().len() > LONGEST_PASSWORD {
        return Err(Refusal::RequestMalformed("the password is too long"));
    }
    let charge = charge_of(caller, &name);
    Ok((name, charge))
}

/// What a guess at the password of this name is charged to.
pub(super) fn charge_of(caller: &Caller, name: &LoginName) -> Charge {
    let network = network_of(caller.address).to_string();
    let text = name.as_str().as_bytes();
    Charge {
        name_and_address: sha256(&[b"name and address", text, network.as_bytes()]),
        name: sha256(&[b"name", text]),
    }
}

/// A password that is to be compared.
pub(super) struct Guess<'a> {
    pub name: &'a LoginName,
    pub password: &'a Secret,
    /// What it is charged to.
    pub charge: &'a Charge,
    /// As in `LoginRequest`.
    pub lockout_page: Option<&'a str>,
}

/// Counts the guess, then compares it. An unknown name takes the same path:
/// the same requests, for a user id that nobody has, and the same hashing.
/// After a right one the caller of this function has what was counted
/// forgotten, in the write that it makes anyway.
pub(super) async fn check_password(
    app: &App,
    caller: &Caller,
    ring: &Ring,
    guess: &Guess<'_>,
) -> Result<Account, Failure> {
    let (password, charge) = (guess.password, guess.charge);
    let (counted, account) = tokio::join!(
        app.store.count_password(charge, caller.now),
        find_account(app, ring, guess.name),
    );
    let locked_until = counted?;
    let account = account?;
    let stored = account
        .as_ref()
        .and_then(|account| account.user.password.as_ref());
    let compared = app.hasher.compare(password, stored).map_err(|unusable| {
        Broken::internal(format!(
            "a stored password hash is unusable: {}",
            unusable.0
        ))
    })?;
    if let (Compared::Wrong, Some(page), Some(retry_at)) =
        (compared, guess.lockout_page, locked_until)
    {
        tell_of_lockout(app, caller, account.as_ref(), page).await;
        return Err(Refusal::PasswordsExhausted { retry_at }.into());
    }
    let Some(account) = account.filter(|_| compared != Compared::Wrong) else {
        return Err(Refusal::CredentialsWrong.into());
    };
    caller.trace.is_about(account.user.id);
    if !account.user.active {
        app.store.forget_passwords(charge).await?;
        return Err(Refusal::AccountInactive.into());
    }
    if let (Compared::RightButWeak, Some(weak)) = (compared, &account.user.password) {
        rehash(app, &account.user, weak, password).await?;
    }
    Ok(account)
}

async fn find_account(app: &App, ring: &Ring, name: &LoginName) -> Result<Option<Account>, Broken> {
    let user = match app.store.find_name(name).await? {
        Some(user) => user,
        None => ring.pseudo_user(name)?,
    };
    app.store.read_account(user).await
}

async fn rehash(
    app: &App,
    user: &User,
    weak: &PasswordHash,
    password: &Secret,
) -> Result<(), Failure> {
    let stronger = app
        .hasher
        .hash(password, random()?)
        .map_err(|unusable| Broken::internal(format!("no new hash: {}", unusable.0)))?;
    app.store.rehash(user, weak, &stronger).await?;
    Ok(())
}
