//! Counts a guess at a password, and compares it.

use std::net::IpAddr;

use crate::app::App;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::moving_in::former_question::FormerQuestion;
use crate::domain::accounts::password::{Compared, PasswordHash, UnusableHash};
use crate::domain::accounts::user::{Account, User};
use crate::domain::events::kind::EventKind;
use crate::domain::login::passwords::typed_name::typed_name;
use crate::domain::login::passwords::verdict::{PasswordVerdict, told_of_wrong_password};
use crate::domain::login::throttle::network_of;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::keyring::{Ring, random_bytes, sha256};
use crate::store::{Allowance, Charge, Counted, NameToGuess};
use crate::usecase::accounts::name_charge::name_charge;
use crate::usecase::context::{Caller, Context};
use crate::usecase::login::move_in::{move_in, take_password};
use crate::usecase::messages::lockout_notice::{LockoutMessage, tell_of_lockout};

/// The normalised name, and what a guess at its password is charged to.
pub(crate) fn parse_login(
    caller: &Caller,
    name: &str,
    password: &Secret,
) -> Result<(LoginName, Charge), Refusal> {
    let name = typed_name(name, password)?;
    let charge = charge_of(caller, &name);
    Ok((name, charge))
}

/// What a guess at the password of this name is charged to.
pub(crate) fn charge_of(caller: &Caller, name: &LoginName) -> Charge {
    charge_from(caller.address, name)
}

/// What a guess at the password of this name from this address is charged to.
pub(crate) fn charge_from(address: IpAddr, name: &LoginName) -> Charge {
    let network = network_of(address).to_string();
    let text = name.as_str().as_bytes();
    Charge {
        name_and_network: sha256(&[b"name and address", text, network.as_bytes()]),
        name: name_charge(name),
        network: sha256(&[b"network of passwords", network.as_bytes()]),
        since: None,
    }
}

/// A password to compare.
pub(crate) struct PasswordGuess<'a> {
    pub name: &'a LoginName,
    pub password: &'a Secret,
    /// What the guess is charged to.
    pub charge: &'a Charge,
    /// As in `LoginRequest`.
    pub lockout: Option<LockoutMessage<'a>>,
}

/// Counts the guess, then compares it. A network that has used up its wrong
/// passwords is refused after one read, before anything is hashed. An unknown
/// name takes the same path: the same requests, for a user id without a user,
/// and the same hashing. After a right password, the caller of this function
/// must make the store forget the counted passwords, in a write that the caller
/// makes anyway. A wrong password is also counted by its network over all names. If
/// there is a former system, the service asks the former system about an unknown
/// name, and about a user without a password. A guess without an answer stays counted, like a wrong guess.
pub(crate) async fn check_password(
    context: &Context,
    ring: &Ring,
    guess: &PasswordGuess<'_>,
) -> Result<(Account, Counted), Failure> {
    let (store, password) = (&context.app.store, guess.password);
    let hasher = &context.app.hasher;
    let asked = (context.now(), hasher.asks_for_kinds(context.now()));
    let found = store.find_name_to_guess(guess.name, guess.charge, asked);
    let NameToGuess {
        user,
        charge,
        allowance,
        kinds,
    } = found.await?;
    hasher.learn_kinds(&kinds);
    let known = user.is_some();
    let user = match user {
        Some(user) => user,
        None => ring.pseudo_user(guess.name)?,
    };
    context.events.guesses_at(user, known);
    allowance.check(context.now())?;
    let (counted, account) = tokio::join!(
        store.count_password(&charge, context.now()),
        store.read_account(user),
    );
    let counted = counted?;
    // The caller learns nothing about this guess before the former system has answered.
    let account = account?;
    let question = FormerQuestion::of(known, account.as_ref().map(|found| &found.user));
    let asked = match (question, account) {
        (FormerQuestion::WhoIsThis, _) => move_in(context, guess.name, password).await,
        (FormerQuestion::Password, Some(found)) => {
            let taken = take_password(context, guess.name, password, found).await;
            taken.map(Some)
        }
        (FormerQuestion::Password | FormerQuestion::Nothing, found) => Ok(found),
    };
    let account = match asked {
        Ok(account) => account,
        Err(broken) => {
            count_wrong(context, &counted, &allowance).await?;
            return Err(broken.into());
        }
    };
    let about = account.as_ref().map_or(user, |found| found.user.id);
    context.events.guesses_at(about, account.is_some());
    let found = account.as_ref().map(|found| &found.user);
    let verdict = PasswordVerdict::of(compare_with_user(context, password, found)?, found);
    if verdict == PasswordVerdict::Wrong {
        if counted.locked_until.is_some() {
            context.events.did(EventKind::AccountLocked);
        }
        count_wrong(context, &counted, &allowance).await?;
        if let (Some(message), Some(_)) = (guess.lockout, counted.locked_until) {
            tell_of_lockout(context, account.as_ref(), message.page).await;
        }
    }
    let Some(account) = account.filter(|_| verdict != PasswordVerdict::Wrong) else {
        let is_answered = guess.lockout.is_some_and(|message| message.is_answered);
        return Err(told_of_wrong_password(counted.locked_until, is_answered).into());
    };
    context.caller.trace.is_about(account.user.id);
    if verdict == PasswordVerdict::Inactive {
        context.app.store.forget_passwords(&counted).await?;
        return Err(Refusal::AccountInactive.into());
    }
    if let (PasswordVerdict::RightButWeak, Some(weak)) = (verdict, &account.user.password) {
        rehash(&context.app, &account.user, weak, password).await?;
    }
    Ok((account, counted))
}

/// Counts a wrong guess by network. If the guess locks the network out, notes the lock
/// afterwards. One write, or two for the guess that locks.
pub(crate) async fn count_wrong(
    context: &Context,
    counted: &Counted,
    allowance: &Allowance,
) -> Result<(), Broken> {
    let (store, charge) = (&context.app.store, &counted.charge);
    let counting = store.count_wrong_password(charge, allowance, context.now());
    counting.await?;
    match counted.network_locked_until {
        None => Ok(()),
        Some(until) => store.note_locked_network(charge, until).await,
    }
}

/// Compares a password with this user's. If this version cannot compute the
/// stored hash, no password is right, and the comparison costs as much as for
/// an unknown name.
pub(crate) fn compare_with_user(
    context: &Context,
    password: &Secret,
    user: Option<&User>,
) -> Result<Compared, Broken> {
    let stored = user.and_then(|user| user.password.as_ref());
    if let Ok(compared) = context.app.hasher.compare(password, stored) {
        return Ok(compared);
    }
    let request_id = context.caller.trace.request_id();
    let user = user.map(|user| user.id.to_string());
    tracing::error!(
        request_id,
        user,
        "a stored password hash is of an unknown kind"
    );
    let broken = |unusable: UnusableHash| Broken::internal(unusable.0);
    context.app.hasher.compare(password, None).map_err(broken)
}

async fn rehash(
    app: &App,
    user: &User,
    weak: &PasswordHash,
    password: &Secret,
) -> Result<(), Failure> {
    let stronger = app
        .hasher
        .hash(password, random_bytes()?)
        .map_err(|unusable| {
            Broken::internal(format!("the password could not be hashed: {}", unusable.0))
        })?;
    app.store.rehash(user, weak, &stronger).await?;
    Ok(())
}
