//! Finds a user by what an operator knows.

use crate::app::App;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::user::Account;
use crate::domain::id::UserId;
use crate::usecase::administration::act_failure::ActFailure;

/// The identifier of the user that `who` names: by identifier, by the `sub` of a former
/// system, by user name or by e-mail address. The user of an identifier may be gone.
///
/// # Errors
/// `Missing`.
pub async fn find_id(app: &App, who: &str) -> Result<UserId, ActFailure> {
    if let Some(name) = LoginName::parse(who)
        && let Some(found) = app.store.find_name(&name).await?
    {
        return Ok(found);
    }
    let id = UserId::of_subject(who);
    let known = UserId::parse(who).is_some() || app.store.read_user(id).await?.is_some();
    known.then_some(id).ok_or_else(|| missing(who))
}

/// The user that `who` names, with factors and recovery codes.
///
/// # Errors
/// `Missing`.
pub async fn find_user_for_operator(app: &App, who: &str) -> Result<Account, ActFailure> {
    let id = find_id(app, who).await?;
    let found = app.store.read_account(id).await?;
    found.ok_or_else(|| missing(who))
}

pub(super) fn missing(who: &str) -> ActFailure {
    ActFailure::Missing(format!("there is no user {who}"))
}
