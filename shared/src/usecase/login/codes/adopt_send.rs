//! Adopts a code that was just sent, when the user goes back and signs in
//! again.

use crate::domain::id::FactorId;
use crate::domain::login::adoption::adoptable;
use crate::domain::login::codes::refused_charge::may_adopt_after;
use crate::failure::Failure;
use crate::usecase::context::Context;
use crate::usecase::login::open_login::OpenLogin;

/// The result of sending a code to this factor. If the send has to wait, a code
/// that was just sent for an earlier login completes this login instead.
///
/// # Errors
/// The error of the send, if there is no such code.
pub(crate) async fn or_adopt(
    context: &Context,
    open: &OpenLogin,
    factor: FactorId,
    delivered: Result<(), Failure>,
) -> Result<(), Failure> {
    let Err(failed) = delivered else {
        return Ok(());
    };
    let waits = matches!(&failed, Failure::Refused(refusal) if may_adopt_after(refusal));
    if waits && adopt_send(context, open, factor).await? {
        return Ok(());
    }
    Err(failed)
}

/// Looks for a code that went to this factor less than half a minute ago, for
/// an earlier login of the same user at the same client. Such a code may then
/// complete this login too: still only once, within its five minutes, and
/// charged to the user's one budget. Returns whether there is such a code. One
/// query, and a write if there is.
async fn adopt_send(
    context: &Context,
    open: &OpenLogin,
    factor: FactorId,
) -> Result<bool, Failure> {
    let (user, dialect) = (open.user.id, open.login.dialect);
    let newest = context
        .app
        .store
        .live_logins(user, dialect, true, context.now());
    let newest = newest.await?;
    let to = (&open.login, factor);
    let Some(sent) = adoptable(&newest, &open.user, to, context.now()) else {
        return Ok(false);
    };
    Ok(context
        .app
        .store
        .adopt_send(&open.login, sent, context.now())
        .await?)
}
