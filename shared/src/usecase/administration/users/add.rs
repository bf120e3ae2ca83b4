//! Makes a user.

use crate::app::App;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::new_user::by_operator::NewUser;
use crate::domain::accounts::user::{Account, User};
use crate::domain::events::operator_command::OperatorCommand;
use crate::domain::id::UserId;
use crate::keyring::random_bytes;
use crate::store::{Created, NewAccount};
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;

/// Makes a user. A user without a password sets one by *Forgot password*, whose link also
/// confirms the address. The tool gives no password, so no password goes through an
/// operator's hands. `cargo local` may give one.
///
/// # Errors
/// `Refused` if a field is wrong, a name is taken, or the user could never set a
/// password.
pub async fn add_user(app: &App, operator: &Operator, new: NewUser) -> Result<User, ActFailure> {
    let id = match new.id {
        Some(id) => id,
        None => UserId::random(random_bytes()?),
    };
    let (user, names) = new
        .into_user(id, operator.now)
        .map_err(ActFailure::Refused)?;
    let account = Account {
        user,
        factors: Vec::new(),
        recovery: None,
        closed_factor: false,
    };
    if app.store.read_user(id).await?.is_some() {
        return Err(ActFailure::Refused(format!(
            "there is a user with the identifier {}",
            id.dashed()
        )));
    }
    create(app, operator, (&account, &names)).await?;
    Ok(account.user)
}

/// Stores the user and the act in one transaction. Reads the names first, because the event
/// of an act is on the bus before the transaction refuses a taken name.
///
/// # Errors
/// `Refused` if a name is taken.
pub(super) async fn create(
    app: &App,
    operator: &Operator,
    (account, names): (&Account, &[LoginName]),
) -> Result<(), ActFailure> {
    let taken = |name: &str| ActFailure::Refused(format!("{name} belongs to another user"));
    let owners = app.store.owners_of_names(names).await?;
    if let Some(name) = names.iter().find(|name| owners.contains_key(name.as_str())) {
        return Err(taken(name.as_str()));
    }
    let id = account.user.id;
    let act = operator.acts_on_user(app, OperatorCommand::UserAdd, id);
    let act = act.await?;
    match app
        .store
        .create_user_by(NewAccount { account, names }, &act)
        .await?
    {
        Created::Done => Ok(()),
        Created::NameTaken(index) => Err(taken(names.get(index).map_or("", LoginName::as_str))),
    }
}
