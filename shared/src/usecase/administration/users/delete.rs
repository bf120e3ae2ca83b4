//! Deletes a user.

use crate::app::App;
use crate::domain::id::UserId;
use crate::store::Removed;
use crate::usecase::administration::not_done::NotDone;
use crate::usecase::administration::operator::Operator;
use crate::usecase::administration::users::find::{find_id, missing};

/// Deletes the user that `who` names, with everything that belongs to the user,
/// and says what was deleted. The act stays for 90 days. After a failure,
/// the same command with the user's identifier deletes the rest.
///
/// # Errors
/// `Missing` if nothing of such a user was there.
pub async fn delete_user(
    app: &App,
    operator: &Operator,
    who: &str,
) -> Result<(UserId, Removed), NotDone> {
    let id = find_id(app, who).await?;
    let mut removed = Removed::new();
    if let Some(account) = app.store.read_account(id).await? {
        let names = account.user.login_names();
        let act = operator.act("user delete", id);
        if !app.store.remove_profile(id, &names, &act).await? {
            return Err(NotDone::overtaken());
        }
        removed.insert("profile".to_owned(), 1);
        removed.insert("login names".to_owned(), names.len());
    }
    removed.extend(app.store.remove_remains(id).await?);
    match removed.is_empty() {
        true => Err(missing(who)),
        false => Ok((id, removed)),
    }
}
