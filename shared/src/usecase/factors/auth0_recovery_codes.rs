//! Replaces the recovery codes of a user.

use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::enrolment::check_confirmed;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor_demand::strongest;
use crate::domain::id::{FactorId, SessionId};
use crate::domain::messages::notice::Notice;
use crate::domain::secret::Secret;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::standing::SessionState;
use crate::failure::Failure;
use crate::store::RecoveryChange;
use crate::usecase::context::Context;
use crate::usecase::factors::factors_delta::{FactorsDelta, write_delta};
use crate::usecase::factors::recovery_codes::new_recovery_codes;
use crate::usecase::messages::notice::send_notice;
use crate::usecase::retry::{ATTEMPTS, overtaken};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{Required, ToChangeFactors};

/// A new recovery code, which is shown this once.
pub struct NewRecoveryCode {
    pub id: FactorId,
    pub code: Vec<Secret>,
    /// The session that has made the code.
    pub session: Option<SessionId>,
}

/// Replaces the old recovery codes by a new one, for the user of an access token of this
/// audience with this scope. Two requests to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`, `ScopeInsufficient`, `AuthenticationInsufficient`, `AddressUnconfirmed`;
/// `FactorsMissing` for a user without a factor.
pub async fn replace_recovery_codes(
    context: &Context,
    token: &str,
    (audience, scope): (Audience<'static>, KnownScope),
) -> Result<NewRecoveryCode, Failure> {
    for _ in 0..ATTEMPTS {
        let required = Required {
            audience,
            scope: Some(scope),
            session: SessionState::Live,
            role: None,
            read: ToChangeFactors(strongest),
        };
        let changing = authenticate(context, token.into(), required).await?;
        let account = changing.account();
        check_confirmed(&account.user)?;
        if !account.has_factor() {
            return Err(EnrolmentRefusal::FactorsMissing.into());
        }
        let (codes, texts) = new_recovery_codes(account.user.id, 1)?;
        let change = FactorsDelta {
            remove: &[],
            add: &[],
            recovery: RecoveryChange::Replace(&codes),
            two_factor: account.user.two_factor,
            shown: None,
        };
        if write_delta(context, &changing, change).await? {
            context.events.did(EventKind::RecoveryCodesReplaced);
            send_notice(
                context,
                &account.user,
                &account.factors,
                Notice::RecoveryCodesReplaced,
            )
            .await;
            return Ok(NewRecoveryCode {
                id: codes.id,
                code: texts,
                session: changing.caller().session,
            });
        }
    }
    Err(overtaken())
}
