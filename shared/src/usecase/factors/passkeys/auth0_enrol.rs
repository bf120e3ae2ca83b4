//! A signed-in user adds a passkey.

use serde_json::Value;

use crate::domain::accounts::user::User;
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::enrolment::{check_confirmed, check_room};
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::{Factor, FactorKind, Method};
use crate::domain::factors::factor_demand::strongest;
use crate::domain::factors::passkey::challenge_is_live;
use crate::domain::id::{FactorId, LoginId};
use crate::domain::messages::notice::Notice;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::party::Party;
use crate::domain::sessions::standing::SessionState;
use crate::domain::token::{PasskeyEnrolmentToken, TokenBody};
use crate::failure::Failure;
use crate::keyring::{ChallengeFor, random_bytes};
use crate::store::{Changed, NewPasskey};
use crate::usecase::authorization::authenticate_client::named_client;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::factors::auth0_my_account::of_my_api;
use crate::usecase::factors::passkeys::ceremony::Ceremony;
use crate::usecase::messages::notice::send_notice;
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::kept_session::moved_session;
use crate::usecase::sessions::requirement::{Credential, MayChange, Required, ToChangeFactors};

/// A new passkey that has begun. Nothing is stored.
pub struct BegunPasskey {
    /// What the app hands to the authenticator.
    pub options: Value,
    /// Has to come with what the authenticator gives.
    pub auth_session: Secret,
}

/// What an authenticator gave for a new passkey.
pub struct NewPasskeyResponse<'a> {
    pub auth_session: &'a str,
    /// The `authn_response`, as JSON.
    pub response: &'a Secret,
}

/// Begins to add a passkey. The challenge is derived from the token, the session and the
/// user's epoch. So the challenge works in this session only, and once: a new passkey raises
/// the epoch. `identity` is the subject, if the request names one. Two requests to
/// DynamoDB.
///
/// # Errors
/// `FactorUnknown` where no passkey is taken; `AccessTokenInvalid`, `ScopeInsufficient`,
/// `AuthenticationInsufficient`; `ParameterInvalid` for the identity of another user;
/// `AddressUnconfirmed`, `FactorsFull`.
pub async fn begin_passkey(
    context: &Context,
    named: impl Into<Credential<'_>>,
    identity: Option<&str>,
) -> Result<BegunPasskey, Failure> {
    let changing = may_add(context, named.into()).await?;
    let user = &changing.account().user;
    check_identity(user, identity)?;
    let asking = asking_client(context, &changing).await?;
    let ceremony = ceremony_of(context, asking.as_ref())?;
    let ring = context.ring().await?;
    let key = ring.current_token_key();
    let id = LoginId::at(context.now(), random_bytes()?);
    let challenge = ring.challenge_bytes(key, id, challenge_for(&changing)?)?;
    let handle = match user.passkey_handle {
        Some(handle) => handle,
        None => ring.new_handle(key, id, user.id)?,
    };
    let auth_session = ring.seal_token(TokenBody::PasskeyEnrolment(PasskeyEnrolmentToken {
        user: user.id,
        challenge: id,
        key,
    }))?;
    let events = &context.events;
    events.did_with(EventKind::EnrolmentBegun, Method::Passkey);
    Ok(BegunPasskey {
        options: ceremony.options.to_make(&challenge, (user, handle)),
        auth_session,
    })
}

/// Adds the passkey, and gives the user and the factor. Three requests to DynamoDB, and the
/// notice.
///
/// # Errors
/// Those of `begin_passkey`; `EnrolmentMissing` for a token that is forged, too old, of
/// another user, or from before another change of the user; `CodeWrong` if the authenticator
/// did not sign what was asked for; `AlreadyEnrolled`.
pub async fn add_passkey(
    context: &Context,
    named: impl Into<Credential<'_>>,
    new: &NewPasskeyResponse<'_>,
) -> Result<(User, Factor), Failure> {
    let changing = may_add(context, named.into()).await?;
    let account = changing.account();
    let user = &account.user;
    let asking = asking_client(context, &changing).await?;
    let ceremony = ceremony_of(context, asking.as_ref())?;
    let missing = || Refusal::from(EnrolmentRefusal::EnrolmentMissing);
    let read = TokenBody::passkey_enrolment;
    let opened = context.open_token(read, new.auth_session, missing());
    let begun = opened.await?;
    if begun.user != user.id || !challenge_is_live(begun.challenge, context.now()) {
        return Err(missing().into());
    }
    let ring = context.ring().await?;
    let challenge = ring.challenge_bytes(begun.key, begun.challenge, challenge_for(&changing)?)?;
    let passkey = ceremony.made_passkey(new.response.expose(), &challenge)?;
    let made = passkey.ok_or(Refusal::CodeWrong(Method::Passkey))?;
    let passkey = made.passkey;
    let same = |known: &[u8]| known == passkey.credential;
    if account.passkeys().any(|(_, one)| same(&one.credential)) {
        return Err(EnrolmentRefusal::AlreadyEnrolled.into());
    }
    let handle = match user.passkey_handle {
        Some(handle) => handle,
        None => ring.new_handle(begun.key, begun.challenge, user.id)?,
    };
    let factor = Factor {
        id: FactorId::random(random_bytes()?),
        kind: FactorKind::Passkey(Box::new(passkey)),
        confirmed: true,
        created_at: context.now(),
    };
    let session = moved_session(context, changing.caller())?;
    let new = NewPasskey {
        user,
        session: &session,
        factor: &factor,
        handle,
    };
    match context.app.store.keep_passkey(&new).await? {
        Changed::Done => {}
        Changed::Overtaken => return Err(missing().into()),
        Changed::SessionEnded => return Err(Refusal::AccessTokenInvalid.into()),
    }
    let events = &context.events;
    events.did_with(EventKind::FactorEnrolled, Method::Passkey);
    let notice = Notice::FactorAdded(Method::Passkey);
    send_notice(context, user, &account.factors, notice).await;
    let user = User {
        passkey_handle: Some(handle),
        ..user.clone()
    };
    Ok((user, factor))
}

/// A session that has shown the user's strongest factor in the last ten minutes, of a user
/// whose address is confirmed.
async fn may_add(context: &Context, named: Credential<'_>) -> Result<MayChange, Failure> {
    let required = match named {
        Credential::AccessToken(_) => {
            of_my_api(KnownScope::CreateMyMethods, ToChangeFactors(strongest))
        }
        Credential::Browser(_) => Required {
            audience: Audience::Account,
            scope: None,
            session: SessionState::Live,
            role: None,
            read: ToChangeFactors(strongest),
        },
    };
    let changing = authenticate(context, named, required).await?;
    let account = changing.account();
    check_confirmed(&account.user)?;
    check_room(account, context.now())?;
    Ok(changing)
}

/// Refuses the identity of another user. Auth0's users may have several identities.
///
/// # Errors
/// `ParameterInvalid`.
pub(crate) fn check_identity(user: &User, named: Option<&str>) -> Result<(), Refusal> {
    match named.is_none_or(|named| named == user.subject()) {
        true => Ok(()),
        false => Err(Refusal::ParameterInvalid {
            name: "identity_user_id",
            problem: "identity_user_id is not the user's",
        }),
    }
}

/// The client of this session. `None` for a browser at our own pages.
async fn asking_client(
    context: &Context,
    changing: &MayChange,
) -> Result<Option<ClientContext>, Failure> {
    let client = &changing.caller().client;
    match client == Party::Pages.name() {
        true => Ok(None),
        false => Ok(Some(named_client(context, client).await?)),
    }
}

fn ceremony_of<'a>(
    context: &'a Context,
    asking: Option<&'a ClientContext>,
) -> Result<Ceremony<'a>, Refusal> {
    let party = asking.map_or(Party::Pages, ClientContext::party);
    Ceremony::at(&context.app, party).ok_or(Refusal::FactorUnknown)
}

fn challenge_for(changing: &MayChange) -> Result<ChallengeFor<'static>, Failure> {
    let user = &changing.account().user;
    Ok(ChallengeFor::Enrolment {
        user: user.id,
        session: changing.caller().session_id()?,
        epoch: user.epoch,
    })
}
