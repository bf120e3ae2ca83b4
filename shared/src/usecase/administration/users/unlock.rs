//! Resets the counts of a user's wrong passwords and wrong codes.

use std::net::IpAddr;

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::accounts::user::{Account, User};
use crate::domain::events::operator_command::OperatorCommand;
use crate::domain::messages::notice::Notice;
use crate::store::Unlocking;
use crate::usecase::accounts::name_charge::name_charge;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;
use crate::usecase::administration::tell::{NoticesSent, tell_everywhere};
use crate::usecase::administration::users::find::{find_user_for_operator, missing};
use crate::usecase::login::check_password::charge_from;

/// Until when no password opens the names of this user: from anywhere but a network that is
/// known to the name, or from the network that was locked out last.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub async fn read_lockout(
    app: &App,
    user: &User,
    now: Timestamp,
) -> Result<Option<Timestamp>, ActFailure> {
    let names: Vec<String> = user.login_names().iter().map(name_charge).collect();
    Ok(app.store.wrong_passwords(&names, now).await?.locked_until)
}

/// Resets the counts of wrong passwords and wrong codes of the user that `who` names,
/// and tells the user. That includes the counts of the network that was locked out last for
/// a name. The counts of another network stay, unless `network` names that network.
///
/// # Errors
/// `Missing`.
pub async fn unlock(
    app: &App,
    operator: &Operator,
    who: &str,
    network: Option<IpAddr>,
) -> Result<(Account, NoticesSent), ActFailure> {
    let account = find_user_for_operator(app, who).await?;
    let names = account.user.login_names();
    let act = operator.acts_on_user(app, OperatorCommand::UserUnlock, account.user.id);
    let act = act.await?;
    let hashes: Vec<String> = names.iter().map(name_charge).collect();
    let charges: Vec<_> = network
        .iter()
        .flat_map(|address| names.iter().map(|name| charge_from(*address, name)))
        .collect();
    let unlocking = match network {
        None => Unlocking::Names(&hashes),
        Some(_) => Unlocking::NamesFrom(&charges),
    };
    if !app
        .store
        .clear_lockout(account.user.id, unlocking, &act)
        .await?
    {
        return Err(missing(who));
    }
    let told = tell_everywhere(app, operator, &account, Notice::Unlocked).await?;
    Ok((account, told))
}
