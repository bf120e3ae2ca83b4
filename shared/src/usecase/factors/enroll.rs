//! Begins to enrol a second factor. The first right code of the factor confirms the
//! factor.

use crate::app::App;
use crate::domain::accounts::user::User;
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::enrolling::first_code::FirstCode;
use crate::domain::factors::enrolling::new_factor::{NewFactor, app_begun_before};
use crate::domain::factors::enrolment::{
    Enrolment, check_owned, check_room, check_second_channel, replaced_factors,
};
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::{Channel, Factor, FactorKind};
use crate::domain::factors::factor_demand::strongest;
use crate::domain::factors::passkey::{Passkey, UserHandle};
use crate::domain::factors::totp::Seed;
use crate::domain::id::FactorId;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::keyring::{Ring, random_bytes};
use crate::store::{Changed, NewEnrolment};
use crate::usecase::context::{Caller, Context};
use crate::usecase::factors::enrolment_code::{EnrolmentChallenge, send_unless_sent};
use crate::usecase::factors::enrolment_subject::EnrolmentSubject;
use crate::usecase::factors::passkeys::options::PasskeyOptions;
use crate::usecase::factors::recovery_codes::first_recovery_codes;
use crate::usecase::login::open_login::OpenLogin;
use crate::usecase::login::passkeys::second_challenge::{enrolment_at, new_challenge};
use crate::usecase::retry::{ATTEMPTS, overtaken};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{Required, SessionOrLogin, ToChangeFactors};

#[derive(Debug)]
pub struct EnrolmentBegun {
    /// The factor, which is not confirmed yet.
    pub factor: FactorId,
    /// What the user needs to confirm the factor.
    pub challenge: EnrolmentChallenge,
    /// The recovery codes, if this is the first factor. They are shown this
    /// once.
    pub recovery_codes: Vec<Secret>,
}

/// Begins to enrol a factor for the user that this bearer token names. A new
/// authenticator app replaces the old app when it is confirmed.
///
/// The token of a pending login is enough only while the user has no active factor, and
/// no confirmed address that could be asked for a code first. Otherwise the bearer must
/// be an access token for our MFA endpoints with the scope `enroll`, of a recent
/// session that has shown the strongest factor.
///
/// At most three requests to DynamoDB, three more if a code is sent and the send fails,
/// two more if a code was sent a moment ago for an earlier login.
///
/// # Errors
/// `LoginTokenMalformed`, `LoginExpired`, `AlreadyEnrolled`;
/// `AccessTokenInvalid`, `ScopeInsufficient`, `AuthenticationInsufficient`;
/// `FactorsFull`, `ParameterInvalid`, `ParameterMissing`, `SendTooSoon`,
/// `SendsExhausted`, `DeliveryFailed`.
pub async fn enroll(
    context: &Context,
    bearer: &str,
    new: &NewFactor,
) -> Result<EnrolmentBegun, Failure> {
    for _ in 0..ATTEMPTS {
        let subject = match SessionOrLogin::of_bearer(bearer) {
            SessionOrLogin::Session(credential) => {
                let required = Required::of_mfa(KnownScope::Enroll, ToChangeFactors(strongest));
                let changing = authenticate(context, credential, required).await?;
                EnrolmentSubject::by_session(context, changing).await?
            }
            SessionOrLogin::Login(token) => EnrolmentSubject::by_login(context, token).await?,
        };
        if let Some(begun) = begin_enrolment(context, subject, new).await? {
            return Ok(begun);
        }
    }
    Err(overtaken())
}

/// Stores the unconfirmed factor and asks for its first code. If the enrolment begins
/// again within half a minute, no code is sent, because the code that was just sent
/// still works. `None` if another request changed the user meanwhile.
pub(crate) async fn begin_enrolment(
    context: &Context,
    subject: EnrolmentSubject,
    new: &NewFactor,
) -> Result<Option<EnrolmentBegun>, Failure> {
    let first = subject.login.first_factor();
    check_second_channel(first, subject.session, new.channel())?;
    let ring = context.ring().await?;
    let made = match new {
        NewFactor::Totp => totp(context, &ring, &subject)?,
        NewFactor::Passkey => passkey(context, &ring, &subject)?,
        NewFactor::Address { channel, to } => address(context, &subject, *channel, to.as_deref())?,
        NewFactor::Confirmed(channel) => {
            let (addresses, user) = (context.app.addresses(), &subject.account.user);
            let to = addresses.offered_address(user, *channel);
            let to = to.ok_or(EnrolmentRefusal::FactorsMissing)?;
            address(context, &subject, *channel, Some(to))?
        }
    };
    let EnrolmentSubject {
        account,
        mut login,
        fresh,
        session,
    } = subject;
    let user = &account.user;
    let factor = &made.factor;
    check_owned(context.app.config.confirmation, user, factor)?;
    if session.is_none() {
        let addresses = context.app.addresses();
        addresses.check_first(user, &login, Some(factor))?;
    }
    let by_challenge = matches!(new, NewFactor::Confirmed(_));
    let (key, now) = (ring.current_token_key(), context.now());
    let code = match by_challenge {
        true => FirstCode::asked_for(&login, factor, key, now)?,
        false => FirstCode::of_enrolment(&login, factor, key, now)?,
    };
    // An answer to a challenge has no place for recovery codes.
    let (recovery, recovery_codes) = first_recovery_codes(&account, &login, by_challenge)?;
    login.enrolment = Some(Enrolment {
        factor: factor.id,
        replaces: replaced_factors(&account, factor),
        session,
        recovery,
    });
    let store = &context.app.store;
    let enrolment = NewEnrolment {
        user,
        login: &login,
        fresh,
        factor,
        handle: made.handle,
    };
    let changed = store.put_enrolment(&enrolment, context.now());
    if changed.await? == Changed::Overtaken {
        return Ok(None);
    }
    let events = &context.events;
    events.did_with(EventKind::EnrolmentBegun, factor.method());
    let challenge = match (code, made.shown) {
        (None, Some(shown)) => shown,
        (Some(code), _) => {
            let open = OpenLogin {
                user: user.clone(),
                login,
            };
            let others = account.active_factors().cloned().collect();
            send_unless_sent(context, &open, code, others).await?
        }
        (None, None) => {
            return Err(Broken::internal("a new factor has neither a code nor a seed").into());
        }
    };
    Ok(Some(EnrolmentBegun {
        factor: made.factor.id,
        challenge,
        recovery_codes,
    }))
}

struct Made {
    factor: Factor,
    /// What is shown in place of a code that is sent.
    shown: Option<EnrolmentChallenge>,
    /// What the authenticator will know the user by, if the user has had no passkey.
    handle: Option<UserHandle>,
}

fn totp(context: &Context, ring: &Ring, subject: &EnrolmentSubject) -> Result<Made, Failure> {
    let (user, seed) = (&subject.account.user, Seed::random(random_bytes()?));
    let begun = app_begun_before(&subject.account, &subject.login, context.now())?;
    let id = id_or_new(begun)?;
    let kind = FactorKind::Totp {
        seed: ring.seal_seed(user.id, id, &seed)?,
        last_step: None,
    };
    let (secret, uri) = seed_and_uri(&context.app, user, &seed)?;
    Ok(Made {
        factor: unconfirmed(id, kind, &context.caller),
        shown: Some(EnrolmentChallenge::Totp { secret, uri }),
        handle: None,
    })
}

/// A passkey that the authenticator still has to make. Until then, the factor has no key.
fn passkey(context: &Context, ring: &Ring, subject: &EnrolmentSubject) -> Result<Made, Failure> {
    let user = &subject.account.user;
    // After a passkey as the first factor, another passkey shows nothing more.
    let may = subject.session.is_some() || subject.login.asks_for_passkey;
    let options = PasskeyOptions::of(&context.app).filter(|_| may);
    let options = options.ok_or(Refusal::FactorUnknown)?;
    check_room(&subject.account, context.now())?;
    let id = FactorId::random(random_bytes()?);
    let of = enrolment_at(&subject.login, id);
    let ((key, named), challenge) = new_challenge(context, ring, of)?;
    let (handle, new_handle) = match user.passkey_handle {
        Some(handle) => (handle, None),
        None => {
            let handle = ring.new_handle(key, named, user.id)?;
            (handle, Some(handle))
        }
    };
    let options = options.to_make(&challenge, (user, handle));
    let kind = FactorKind::Passkey(Box::new(Passkey::begun()));
    Ok(Made {
        factor: unconfirmed(id, kind, &context.caller),
        shown: Some(EnrolmentChallenge::Passkey { options }),
        handle: new_handle,
    })
}

/// A seed in the forms that the user sees: base32, and the URI of a QR code.
pub(crate) fn seed_and_uri(
    app: &App,
    user: &User,
    seed: &Seed,
) -> Result<(Secret, Secret), Broken> {
    let issuer = &app.config.auth_config.issuer_name;
    let name = user.email.as_ref().unwrap_or(&user.user_name);
    let uri = seed.uri(issuer, name);
    let uri = uri.ok_or_else(|| Broken::internal("no URI for a seed"))?;
    Ok((seed.to_base32(), uri))
}

fn address(
    context: &Context,
    subject: &EnrolmentSubject,
    channel: Channel,
    typed: Option<&str>,
) -> Result<Made, Failure> {
    let (account, addresses) = (&subject.account, context.app.addresses());
    let to = addresses.offer.new_address(account, channel, typed)?;
    let known = addresses.known_factor_at(account, (channel, &to), context.now())?;
    Ok(Made {
        factor: unconfirmed(
            id_or_new(known)?,
            FactorKind::Address { channel, to },
            &context.caller,
        ),
        shown: None,
        handle: None,
    })
}

fn id_or_new(known: Option<FactorId>) -> Result<FactorId, Broken> {
    match known {
        Some(id) => Ok(id),
        None => Ok(FactorId::random(random_bytes()?)),
    }
}

fn unconfirmed(id: FactorId, kind: FactorKind, caller: &Caller) -> Factor {
    Factor {
        id,
        kind,
        confirmed: false,
        created_at: caller.now,
    }
}
