//! Going back and signing in again: a code is on its way already.

use super::Caller;
use super::open_login::OpenLogin;
use crate::app::App;
use crate::domain::id::FactorId;
use crate::failure::Failure;

/// Lets the code that was sent to this factor less than half a minute ago, for
/// an earlier login of the same user at the same client, complete this login as
/// well: still once, within its five minutes, and under the user's one budget.
/// Whether there is such a code. One query, and a write if there is.
pub(super) async fn adopt_send(
    app: &App,
    caller: &Caller,
    open: &OpenLogin,
    factor: FactorId,
) -> Result<bool, Failure> {
    let newest = app.store.newest_logins(open.user.id).await?;
    let live = newest
        .iter()
        .filter(|login| login.check_live(&open.user, caller.now).is_ok());
    let mut adoptable = live.filter_map(|one| one.adoptable_by(&open.login, factor, caller.now));
    let Some(sent) = adoptable.next() else {
        return Ok(false);
    };
    Ok(app.store.adopt_send(&open.login, sent, caller.now).await?)
}
