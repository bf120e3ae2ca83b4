//! Removes a second factor.

use crate::domain::accounts::user::{Account, User};
use crate::domain::events::kind::EventKind;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::{Channel, Factor, Method};
use crate::domain::id::FactorId;
use crate::domain::messages::notice::Notice;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::store::{Changed, FactorsChange, RecoveryChange};
use crate::usecase::factors::enrolment_subject::moved_session;
use crate::usecase::messages::notice::tell;
use crate::usecase::retry::{ATTEMPTS, overtaken};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{Audience, Bearer, Read, Required, SessionState};
use crate::usecase::{Caller, Context};

/// The scope that an access token needs to remove a factor.
const SCOPE: &str = "remove:authenticators";

/// Removes a factor of the user of an access token for our MFA endpoints with
/// the scope `remove:authenticators`. With the last factor, the recovery codes
/// are removed too, and no second factor is demanded any more. Two requests to
/// DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`, `ScopeInsufficient`, `AuthenticationInsufficient`,
/// `FactorNotFound`, `FactorKept`.
pub async fn remove_factor(
    context: &Context,
    token: &str,
    method: Method,
    factor: FactorId,
) -> Result<(), Failure> {
    for _ in 0..ATTEMPTS {
        let required = Required {
            audience: Audience::Mfa,
            scope: Some(SCOPE),
            session: SessionState::Live,
            role: None,
            factors: Read,
        };
        let (bearer, account) = authenticate(context, token.into(), required).await?;
        let found = find(&account, method, factor, &context.caller)?.clone();
        context.app.config.mfa_policy.check_may_change(
            &account,
            bearer.authentication,
            context.now(),
        )?;
        if !found.confirmed {
            let forgotten = context
                .app
                .store
                .forget_unconfirmed(account.user.id, factor)
                .await?;
            let gone = || Failure::from(EnrolmentRefusal::FactorNotFound);
            return forgotten.then_some(()).ok_or_else(gone);
        }
        if remove_confirmed(context, &bearer, &account, &[found]).await? {
            return Ok(());
        }
    }
    Err(overtaken())
}

fn find<'a>(
    account: &'a Account,
    method: Method,
    id: FactorId,
    caller: &Caller,
) -> Result<&'a Factor, Refusal> {
    let recovery = account.recovery.as_ref().map(|codes| codes.id);
    if method == Method::RecoveryCode && recovery == Some(id) {
        // Recovery codes can be replaced, but not removed.
        return Err(EnrolmentRefusal::FactorKept.into());
    }
    let mut live = account.factors.iter().filter(|one| one.is_live(caller.now));
    let found = live.find(|factor| factor.id == id && factor.method() == method);
    let found = found.ok_or(EnrolmentRefusal::FactorNotFound)?;
    if found.confirmed && is_verified_email(&account.user, found) {
        return Err(EnrolmentRefusal::FactorKept.into());
    }
    Ok(found)
}

/// Makes a change of factors. Returns false, and changes nothing, if the user
/// has changed meanwhile.
///
/// # Errors
/// `AccessTokenInvalid` if the session that makes the change has ended.
pub(crate) async fn change_factors(
    context: &Context,
    change: &FactorsChange<'_>,
) -> Result<bool, Failure> {
    match context
        .app
        .store
        .change_factors(change, context.now())
        .await?
    {
        Changed::Done => Ok(true),
        Changed::Overtaken => Ok(false),
        Changed::SessionEnded => Err(Refusal::AccessTokenInvalid.into()),
    }
}

/// Whether this factor is the user's own confirmed address, which a password
/// reset needs too.
fn is_verified_email(user: &User, factor: &Factor) -> bool {
    let own = user.email.as_deref().filter(|_| user.email_confirmed);
    match (factor.address(), own) {
        (Some((Channel::Email, to)), Some(own)) => to.eq_ignore_ascii_case(own),
        _ => false,
    }
}

/// Removes these confirmed factors together, then tells the user. Returns
/// false, and changes nothing, if the user has changed meanwhile.
pub(crate) async fn remove_confirmed(
    context: &Context,
    bearer: &Bearer,
    account: &Account,
    gone: &[Factor],
) -> Result<bool, Failure> {
    let ids: Vec<FactorId> = gone.iter().map(|factor| factor.id).collect();
    // The mailbox of a reset counts as left over too, because it becomes a
    // factor again later.
    let mut confirmed = account.factors.iter().filter(|one| one.confirmed);
    let left = confirmed.any(|one| !ids.contains(&one.id));
    if !left && !context.app.config.mfa_policy.lets_go() {
        return Err(EnrolmentRefusal::FactorKept.into());
    }
    let change = FactorsChange {
        user: &account.user,
        session: &moved_session(context, bearer)?,
        remove: &ids,
        add: &[],
        recovery: if left {
            RecoveryChange::Keep
        } else {
            RecoveryChange::Remove
        },
        two_factor: account.user.two_factor && left,
        shown: None,
    };
    if !change_factors(context, &change).await? {
        return Ok(false);
    }
    for factor in gone {
        let events = &context.events;
        events.did_with(EventKind::FactorRemoved, factor.method());
        tell(
            context,
            &account.user,
            &account.factors,
            Notice::FactorRemoved(factor.method()),
        )
        .await;
    }
    Ok(true)
}
