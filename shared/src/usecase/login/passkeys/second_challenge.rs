//! Asks for a passkey as the second factor of a pending login.

use serde_json::Value;

use crate::domain::authorization::grant::Grant;
use crate::domain::factors::factor::Factor;
use crate::domain::id::{FactorId, LoginId};
use crate::domain::login::pending_login::Login;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::authentication::FirstFactor;
use crate::domain::sessions::party::Party;
use crate::failure::{Broken, Failure};
use crate::keyring::{ChallengeFor, Ring, random_bytes};
use crate::usecase::context::Context;
use crate::usecase::factors::passkeys::options::PasskeyOptions;

/// Whether a login that begins now with this factor may ask for a passkey. A passkey shows
/// beside another passkey what that one has shown, so it is no second factor there. The
/// service's own pages do not ask yet.
pub(crate) fn asks_for_passkey(context: &Context, party: Party<'_>, first: FirstFactor) -> bool {
    let granted = match party {
        // An app of the operator's own needs no grant of the MFA API.
        Party::App(client) => client.first_party || client.grants.allows(Grant::MfaPasskey),
        Party::Pages => false,
    };
    let dialect = context.caller.dialect;
    granted
        && dialect.takes_grant(Grant::MfaPasskey)
        && !matches!(first, FirstFactor::Passkey(_))
        && PasskeyOptions::of(&context.app).is_some()
}

/// What the challenge of this login's second factor is derived for.
pub(crate) fn second_factor_of(login: &Login) -> ChallengeFor<'static> {
    ChallengeFor::SecondFactor {
        user: login.user,
        login: login.id,
    }
}

/// What the challenge of a new passkey is derived for, which this login enrols as this factor.
pub(crate) fn enrolment_at(login: &Login, factor: FactorId) -> ChallengeFor<'static> {
    ChallengeFor::SecondEnrolment {
        user: login.user,
        login: login.id,
        factor,
    }
}

/// What an app hands to the authenticator, so that one of these passkeys signs for this login.
/// The challenge names itself, so nothing is stored.
pub(crate) fn login_options<'p>(
    context: &Context,
    ring: &Ring,
    login: &Login,
    passkeys: impl Iterator<Item = &'p Factor>,
) -> Result<Value, Failure> {
    let options = PasskeyOptions::of(&context.app).ok_or(Refusal::FactorUnknown)?;
    let (_, challenge) = new_challenge(context, ring, second_factor_of(login))?;
    Ok(options.to_sign(&challenge, passkeys.filter_map(Factor::passkey)))
}

/// A new challenge of a login, with what the challenge names.
pub(crate) fn new_challenge(
    context: &Context,
    ring: &Ring,
    of: ChallengeFor<'_>,
) -> Result<((u32, LoginId), [u8; 32]), Broken> {
    let id = LoginId::at(context.now(), random_bytes()?);
    let named = (ring.current_token_key(), id);
    Ok((named, ring.named_challenge(named, of)?))
}
