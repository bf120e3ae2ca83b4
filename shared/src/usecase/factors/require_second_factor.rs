//! Turns the demand for a second factor on or off.

use crate::domain::accounts::user::Account;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::factor::{Factor, FactorKind};
use crate::domain::factors::factor_demand::FactorDemand;
use crate::domain::factors::two_factor::DemandSwitch;
use crate::domain::id::FactorId;
use crate::domain::messages::notice::Notice;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::standing::SessionState;
use crate::failure::{Broken, Failure};
use crate::keyring::random_bytes;
use crate::store::RecoveryChange;
use crate::usecase::context::Context;
use crate::usecase::factors::factors_delta::{FactorsDelta, write_delta};
use crate::usecase::messages::notice::send_notice;
use crate::usecase::retry::{ATTEMPTS, overtaken};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{Credential, Required, ToChangeFactors};

/// Turns the demand for a second factor on or off, for the user of an access
/// token for the account. If a user without a factor turns the demand on, the
/// confirmed addresses become factors. Two requests to DynamoDB, or one request if nothing
/// changes.
///
/// # Errors
/// `AccessTokenInvalid`, `AuthenticationInsufficient`, `AddressUnconfirmed`;
/// `FactorsMissing` if there is nothing to demand; `FactorKept` if the policy
/// requires a factor.
pub async fn set_two_factor(
    context: &Context,
    credential: impl Into<Credential<'_>>,
    enabled: bool,
) -> Result<(), Failure> {
    let credential = credential.into();
    for _ in 0..ATTEMPTS {
        let required = Required {
            audience: Audience::Account,
            scope: None,
            session: SessionState::Live,
            role: None,
            read: ToChangeFactors(|account: &Account| {
                Ok(FactorDemand::to_set_two_factor(&account.user, enabled))
            }),
        };
        let changing = authenticate(context, credential, required).await?;
        let account = changing.account();
        let (policy, offer) = (context.app.config.mfa_policy, &context.app.config.offer);
        let (add, notice) = match DemandSwitch::of(account, enabled, policy, offer)? {
            DemandSwitch::Unchanged => return Ok(()),
            DemandSwitch::On(new) => (new_factors(context, new)?, Notice::TwoFactorOn),
            DemandSwitch::Off => (Vec::new(), Notice::TwoFactorOff),
        };
        let change = FactorsDelta {
            remove: &[],
            add: &add,
            recovery: RecoveryChange::Keep,
            two_factor: enabled,
            shown: None,
        };
        if write_delta(context, &changing, change).await? {
            context.events.did(EventKind::SecondFactorSwitched);
            send_notice(context, &account.user, &account.factors, notice).await;
            return Ok(());
        }
    }
    Err(overtaken())
}

fn new_factors(context: &Context, kinds: Vec<FactorKind>) -> Result<Vec<Factor>, Broken> {
    let factor = |kind: FactorKind| {
        Ok(Factor {
            id: FactorId::random(random_bytes()?),
            kind,
            confirmed: true,
            created_at: context.now(),
        })
    };
    kinds.into_iter().map(factor).collect()
}
