//! Deletes a user.

use crate::app::App;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::user::User;
use crate::domain::events::operator_command::{ActSubject, OperatorCommand};
use crate::domain::id::UserId;
use crate::store::{ProfileChange, Remains, Removed};
use crate::usecase::accounts::name_charge::name_charge;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;
use crate::usecase::administration::users::find::{find_id, missing};
use crate::usecase::retry::ATTEMPTS;

/// Deletes the user that `who` names, with everything that belongs to the user,
/// and says what was deleted. The act stays for 90 days.
///
/// The profile and the names go last, in one transaction. Until then the names are
/// taken, so nobody signs up or moves in under one of the names while the rest is
/// removed. The user is disabled first, and the act is kept with that. So after a
/// failure nobody signs in as the user, and the same command deletes the rest.
///
/// # Errors
/// `Missing` if nothing of such a user was there.
pub async fn delete_user(
    app: &App,
    operator: &Operator,
    who: &str,
) -> Result<(UserId, Removed), ActFailure> {
    let id = find_id(app, who).await?;
    match delete_account(app, operator, id, Remains::BesideProfile).await? {
        Some(removed) => Ok((id, removed)),
        None => delete_remains(app, operator, (who, id)).await,
    }
}

/// What `delete_user` would delete. Changes nothing, and leaves no act.
///
/// # Errors
/// `Missing` if nothing of such a user is there.
pub async fn preview_deletion(app: &App, who: &str) -> Result<(UserId, Removed), ActFailure> {
    let id = find_id(app, who).await?;
    let user = app.store.read_user(id).await?;
    if user.is_none() && !app.store.has_remains(id).await? {
        return Err(missing(who));
    }
    let names = user.as_ref().map(charged_names).unwrap_or_default();
    let profile = user.as_ref().map(|user| (user, names.as_slice()));
    Ok((id, app.store.count_remains(id, profile).await?))
}

/// The names of a user, each with the hash that its wrong passwords are counted under.
fn charged_names(user: &User) -> Vec<(LoginName, String)> {
    let names = user.login_names().into_iter().map(|name| {
        let hash = name_charge(&name);
        (name, hash)
    });
    names.collect()
}

/// Deletes the user of this identifier. `remains` says what is removed before the profile.
/// Returns nothing if there is no such user.
pub(super) async fn delete_account(
    app: &App,
    operator: &Operator,
    id: UserId,
    remains: Remains,
) -> Result<Option<Removed>, ActFailure> {
    let Some(epoch) = disable_for_good(app, operator, id).await? else {
        return Ok(None);
    };
    let mut removed = app.store.remove_remains(id, remains).await?;
    let user = app.store.read_user(id).await?;
    let user = user.ok_or_else(ActFailure::changed_meanwhile)?;
    let names = charged_names(&user);
    let done = app.store.remove_profile(&user, epoch, &names).await?;
    let with_names = done.ok_or_else(ActFailure::changed_meanwhile)?;
    let at = app.clock.now();
    let late = app.store.remove_remains(id, Remains::Late { epoch, at });
    for (kind, count) in late.await?.into_iter().chain(with_names) {
        *removed.entry(kind).or_default() += count;
    }
    Ok(Some(removed))
}

/// Deletes what is left of a user without a profile. An earlier version removed the
/// profile first, and may have failed after that.
async fn delete_remains(
    app: &App,
    operator: &Operator,
    (who, id): (&str, UserId),
) -> Result<(UserId, Removed), ActFailure> {
    if !app.store.has_remains(id).await? {
        return Err(missing(who));
    }
    operator
        .record_act(app, OperatorCommand::UserDelete, ActSubject::User(id))
        .await?;
    let removed = app.store.remove_remains(id, Remains::BesideProfile).await?;
    Ok((id, removed))
}

/// Disables the user, which ends every session and pending login. The same
/// transaction keeps the act. Returns the epoch from then on, or nothing if there is
/// no such user.
async fn disable_for_good(
    app: &App,
    operator: &Operator,
    id: UserId,
) -> Result<Option<u64>, ActFailure> {
    let mut read = app.store.read_user(id).await?;
    if read.is_none() {
        return Ok(None);
    }
    let act = operator.acts_on_user(app, OperatorCommand::UserDelete, id);
    let act = act.await?;
    for _ in 0..ATTEMPTS {
        let user = read.take().ok_or_else(ActFailure::changed_meanwhile)?;
        let disabled = ProfileChange::Active(false);
        if app.store.change_profile(&user, disabled, &act).await? {
            return Ok(Some(user.epoch + 1));
        }
        read = app.store.read_user(id).await?;
    }
    Err(ActFailure::changed_meanwhile())
}
