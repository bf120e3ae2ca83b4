//! Ends one trusted device of a user, such as a device that was lost.

use crate::app::App;
use crate::domain::accounts::user::Account;
use crate::domain::authorization::key_proof::KeyThumbprint;
use crate::domain::events::operator_command::OperatorCommand;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;
use crate::usecase::administration::users::find::find_user_for_operator;

/// Ends a device of the user that `who` names. The next login on the device takes a second
/// factor. The sessions of the device stay.
///
/// # Errors
/// `Missing`; `Refused` if the user trusts no such device.
pub async fn remove_device_for_operator(
    app: &App,
    operator: &Operator,
    who: &str,
    device: &str,
) -> Result<Account, ActFailure> {
    let account = find_user_for_operator(app, who).await?;
    let none = || ActFailure::Refused(format!("the user trusts no such device: {device}"));
    let key = KeyThumbprint::parse(device).ok_or_else(none)?;
    let id = account.user.id;
    let found = app.store.read_device(id, &key).await?;
    if !found.is_some_and(|device| device.is_trusted(&account.user, operator.now)) {
        return Err(none());
    }
    let act = operator.acts_on_user(app, OperatorCommand::UserRemoveDevice, id);
    let act = act.await?;
    match app.store.end_device_by_operator(id, &key, &act).await? {
        true => Ok(account),
        false => Err(none()),
    }
}
