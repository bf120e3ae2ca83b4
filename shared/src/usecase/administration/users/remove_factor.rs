//! Removes one second factor of a user who has lost that factor.

use crate::app::App;
use crate::domain::accounts::user::Account;
use crate::domain::events::operator_command::OperatorCommand;
use crate::domain::factors::factor::Factor;
use crate::domain::id::FactorId;
use crate::domain::messages::notice::Notice;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;
use crate::usecase::administration::tell::{NoticesSent, tell_everywhere};
use crate::usecase::administration::users::find::{find_user_for_operator, missing};
use crate::usecase::retry::ATTEMPTS;

/// Removes one factor of the user that `who` names, ends every session, and tells the user
/// by every channel that was confirmed. The recovery codes go with the last confirmed
/// factor. A user who had to show a second factor still has to.
///
/// # Errors
/// `Missing`; `Refused` if the user has no such factor.
pub async fn remove_factor_for_operator(
    app: &App,
    operator: &Operator,
    who: &str,
    factor: &str,
) -> Result<(Account, NoticesSent), ActFailure> {
    let account = find_user_for_operator(app, who).await?;
    let id = account.user.id;
    find(&account, factor)?;
    let act = operator.acts_on_user(app, OperatorCommand::UserRemoveFactor, id);
    let act = act.await?;
    let mut read = Some(account);
    for _ in 0..ATTEMPTS {
        let account = read.take().ok_or_else(|| missing(who))?;
        let gone = find(&account, factor)?;
        if app.store.remove_one_factor(&account, gone.id, &act).await? {
            let notice = Notice::FactorRemoved(gone.method());
            let told = tell_everywhere(app, operator, &account, notice).await?;
            return Ok((account, told));
        }
        read = app.store.read_account(id).await?;
    }
    Err(ActFailure::changed_meanwhile())
}

fn find<'a>(account: &'a Account, factor: &str) -> Result<&'a Factor, ActFailure> {
    let wanted = FactorId::parse(factor);
    let mut factors = account.factors.iter();
    let found = factors.find(|one| Some(one.id) == wanted);
    found.ok_or_else(|| ActFailure::Refused(format!("the user has no such factor: {factor}")))
}
