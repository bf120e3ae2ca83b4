//! Writes a change of factors, for a user whose session may make the change.

use crate::domain::factors::factor::Factor;
use crate::domain::factors::removal::Removal;
use crate::domain::id::FactorId;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::store::{AcceptedCode, Changed, FactorsChange, RecoveryChange};
use crate::usecase::context::Context;
use crate::usecase::sessions::kept_session::moved_session;
use crate::usecase::sessions::requirement::MayChange;

/// What changes of a user's factors.
pub(crate) struct FactorsDelta<'a> {
    pub remove: &'a [FactorId],
    pub add: &'a [Factor],
    pub recovery: RecoveryChange<'a>,
    /// Whether a login demands a second factor afterwards.
    pub two_factor: bool,
    /// The code that the change consumes.
    pub shown: Option<AcceptedCode<'a>>,
}

impl<'a> FactorsDelta<'a> {
    /// This removal, which consumes the code.
    pub fn of_removal(removal: &'a Removal, shown: Option<AcceptedCode<'a>>) -> Self {
        Self {
            remove: &removal.factors,
            add: &[],
            recovery: match removal.keeps_recovery {
                true => RecoveryChange::Keep,
                false => RecoveryChange::Remove,
            },
            two_factor: removal.two_factor,
            shown,
        }
    }
}

/// Makes a change of factors. Returns false, and changes nothing, if the user
/// has changed meanwhile.
///
/// # Errors
/// `AccessTokenInvalid` if the session that makes the change has ended.
pub(crate) async fn write_delta(
    context: &Context,
    changing: &MayChange,
    delta: FactorsDelta<'_>,
) -> Result<bool, Failure> {
    let session = moved_session(context, changing.caller())?;
    let change = FactorsChange {
        user: &changing.account().user,
        session: &session,
        remove: delta.remove,
        add: delta.add,
        recovery: delta.recovery,
        two_factor: delta.two_factor,
        shown: delta.shown,
    };
    let store = &context.app.store;
    match store.change_factors(&change, context.now()).await? {
        Changed::Done => Ok(true),
        Changed::Overtaken => Ok(false),
        Changed::SessionEnded => Err(Refusal::AccessTokenInvalid.into()),
    }
}
