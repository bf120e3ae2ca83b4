//! Changes a user's names and addresses.

use crate::app::App;
use crate::domain::accounts::new_user::user_update::UserUpdate;
use crate::domain::accounts::user::Account;
use crate::domain::events::operator_command::OperatorCommand;
use crate::domain::messages::notice::Notice;
use crate::store::Updated;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;
use crate::usecase::administration::tell::tell_everywhere;
use crate::usecase::administration::users::find::{find_user_for_operator, missing};
use crate::usecase::retry::ATTEMPTS;

/// Changes the user that `who` names, and returns the changed user. Every session and
/// every pending login ends. A factor stays, also one at the old address. A change of the
/// address or number is told at every address and number that was confirmed before.
///
/// # Errors
/// `Missing`; `Refused` if a value is wrong or the address belongs to another user.
pub async fn update_user_for_operator(
    app: &App,
    operator: &Operator,
    who: &str,
    update: &UserUpdate,
) -> Result<Account, ActFailure> {
    let account = find_user_for_operator(app, who).await?;
    let id = account.user.id;
    let taken = |name: &str| ActFailure::Refused(format!("{name} belongs to another user"));
    // The event of an act is on the bus before the transaction refuses a taken name, so
    // the names are read first.
    let new = update.apply(&account.user).map_err(ActFailure::Refused)?;
    let names = new.login_names();
    let owners = app.store.owners_of_names(&names).await?;
    let of_another = |name: &str| owners.get(name).is_some_and(|owner| *owner != id);
    if let Some(name) = names.iter().find(|name| of_another(name.as_str())) {
        return Err(taken(name.as_str()));
    }
    let command = OperatorCommand::of_update(&account.user, &new);
    let act = operator.acts_on_user(app, command, id).await?;
    let mut read = Some(account);
    for _ in 0..ATTEMPTS {
        let account = read.take().ok_or_else(|| missing(who))?;
        let new = update.apply(&account.user).map_err(ActFailure::Refused)?;
        let done = app.store.update_user(&account.user, &new, &act).await?;
        if let Updated::NameTaken(name) = &done {
            return Err(taken(name.as_str()));
        }
        let old = &account.user;
        if done == Updated::Done && (&old.email, &old.phone) != (&new.email, &new.phone) {
            tell_everywhere(app, operator, &account, Notice::AddressChanged).await?;
        }
        read = app.store.read_account(id).await?;
        if done == Updated::Done {
            return read.ok_or_else(|| missing(who));
        }
    }
    Err(ActFailure::changed_meanwhile())
}
