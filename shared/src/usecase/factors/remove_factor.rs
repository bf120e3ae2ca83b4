//! Removes a second factor.

use crate::domain::accounts::user::Account;
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::{Factor, Method};
use crate::domain::factors::factor_demand::FactorDemand;
use crate::domain::factors::removal::{Removal, removable};
use crate::domain::id::FactorId;
use crate::domain::messages::notice::Notice;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::standing::SessionState;
use crate::failure::Failure;
use crate::usecase::context::Context;
use crate::usecase::factors::factors_delta::{FactorsDelta, write_delta};
use crate::usecase::messages::notice::send_notice;
use crate::usecase::retry::{ATTEMPTS, overtaken};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{Credential, MayChange, Required, ToChangeFactors};

/// The access token or the cookie of a user who removes a factor, and what it has to be for.
pub struct RemovalToken<'a> {
    named: Credential<'a>,
    audience: Audience<'a>,
    scope: Option<KnownScope>,
}

impl<'a> RemovalToken<'a> {
    /// For our MFA endpoints, with the scope `remove:authenticators`.
    pub fn of_mfa(token: &'a str) -> Self {
        Self {
            named: token.into(),
            audience: Audience::Mfa,
            scope: Some(KnownScope::RemoveAuthenticators),
        }
    }

    /// For the endpoints of the My Account API, with the scope
    /// `delete:me:authentication_methods`.
    pub fn of_my_account(token: &'a str) -> Self {
        Self {
            named: token.into(),
            audience: Audience::MyAccount,
            scope: Some(KnownScope::DeleteMyMethods),
        }
    }

    /// The cookie of a browser that has signed in to our own pages.
    pub fn of_browser(cookie: &'a str) -> Self {
        Self {
            named: Credential::Browser(cookie),
            audience: Audience::Account,
            scope: None,
        }
    }
}

/// Removes a factor of the user of this access token or cookie. With the last factor, the recovery codes
/// are removed too, and no second factor is demanded any more. Two requests to
/// DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`, `ScopeInsufficient`, `AuthenticationInsufficient`,
/// `FactorNotFound`, `FactorKept`.
pub async fn remove_factor(
    context: &Context,
    by: RemovalToken<'_>,
    method: Method,
    factor: FactorId,
) -> Result<(), Failure> {
    for _ in 0..ATTEMPTS {
        let required = Required {
            audience: by.audience,
            scope: by.scope,
            session: SessionState::Live,
            role: None,
            read: ToChangeFactors(|account: &Account| {
                removable(account, method, factor, context.now())?;
                Ok(FactorDemand::Strongest)
            }),
        };
        let changing = authenticate(context, by.named, required).await?;
        let account = changing.account();
        let found = removable(account, method, factor, context.now())?.clone();
        if !found.confirmed {
            let forgotten = context
                .app
                .store
                .forget_unconfirmed(account.user.id, factor)
                .await?;
            let gone = || Failure::from(EnrolmentRefusal::FactorNotFound);
            return forgotten.then_some(()).ok_or_else(gone);
        }
        if remove_confirmed(context, &changing, &[found]).await? {
            return Ok(());
        }
    }
    Err(overtaken())
}

/// Removes these confirmed factors together, then tells the user. Returns
/// false, and changes nothing, if the user has changed meanwhile.
pub(crate) async fn remove_confirmed(
    context: &Context,
    changing: &MayChange,
    gone: &[Factor],
) -> Result<bool, Failure> {
    let account = changing.account();
    let removal = Removal::of(account, gone, context.app.config.mfa_policy)?;
    let change = FactorsDelta::of_removal(&removal, None);
    if !write_delta(context, changing, change).await? {
        return Ok(false);
    }
    for factor in gone {
        let events = &context.events;
        events.did_with(EventKind::FactorRemoved, factor.method());
        send_notice(
            context,
            &account.user,
            &account.factors,
            Notice::FactorRemoved(factor.method()),
        )
        .await;
    }
    Ok(true)
}
