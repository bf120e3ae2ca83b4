//! Removes every second factor of a user who has lost them.

use crate::app::App;
use crate::domain::accounts::user::Account;
use crate::domain::events::operator_command::OperatorCommand;
use crate::domain::messages::notice::Notice;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;
use crate::usecase::administration::tell::{NoticesSent, tell_everywhere};
use crate::usecase::administration::users::find::{find_user_for_operator, missing};
use crate::usecase::retry::ATTEMPTS;

/// Removes every factor and the recovery codes of the user that `who` names,
/// ends every session, and tells the user by every channel that was confirmed.
/// A user who had to show a second factor still has to: the next login offers
/// the confirmed address, or lets the user enrol. With `forget_phone`, the
/// number is no longer confirmed, so no code goes to a lost phone.
///
/// # Errors
/// `Missing`.
pub async fn reset_factors(
    app: &App,
    operator: &Operator,
    who: &str,
    forget_phone: bool,
) -> Result<(Account, NoticesSent), ActFailure> {
    let account = find_user_for_operator(app, who).await?;
    let id = account.user.id;
    let act = operator.acts_on_user(app, OperatorCommand::UserResetFactors, id);
    let act = act.await?;
    let mut read = Some(account);
    for _ in 0..ATTEMPTS {
        let account = read.take().ok_or_else(|| missing(who))?;
        if app
            .store
            .remove_factors(&account, forget_phone, &act)
            .await?
        {
            // The account as it was knows where the user could be reached.
            let told = tell_everywhere(app, operator, &account, Notice::FactorsReset).await?;
            return Ok((account, told));
        }
        read = app.store.read_account(id).await?;
    }
    Err(ActFailure::changed_meanwhile())
}
