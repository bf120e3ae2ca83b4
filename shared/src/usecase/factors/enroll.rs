//! Begins to enrol a second factor. The first right code of the factor confirms the
//! factor.

use crate::app::App;
use crate::domain::accounts::user::User;
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::enrolment::{
    Enrolment, check_owned, check_room, check_second_to_mailbox, parse_address, replaced_factors,
};
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::{Channel, Factor, FactorKind};
use crate::domain::factors::factor_demand::strongest;
use crate::domain::factors::totp::Seed;
use crate::domain::id::FactorId;
use crate::domain::messages::destination::same_destination;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::keyring::{Ring, random_bytes};
use crate::store::{Changed, NewEnrolment};
use crate::usecase::context::{Caller, Context};
use crate::usecase::factors::enrolment_code::{EnrolmentChallenge, EnrolmentCode};
use crate::usecase::factors::enrolment_subject::EnrolmentSubject;
use crate::usecase::factors::recovery_codes::first_recovery_codes;
use crate::usecase::login::open_login::OpenLogin;
use crate::usecase::retry::{ATTEMPTS, overtaken};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{Required, SessionOrLogin, ToChangeFactors};

/// The factor to enrol.
#[derive(Clone, Debug)]
pub enum NewFactor {
    Totp,
    /// A destination that codes are sent to.
    Address {
        /// The channel of the codes.
        channel: Channel,
        /// The address as it was typed. `None` means the user's own address.
        to: Option<String>,
    },
    /// The user's own address of this channel, if it is confirmed.
    Confirmed(Channel),
}

impl NewFactor {
    fn is_email(&self) -> bool {
        match self {
            Self::Totp => false,
            Self::Address { channel, .. } | Self::Confirmed(channel) => *channel == Channel::Email,
        }
    }
}

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
/// `FactorsFull`, `RequestMalformed`, `ParameterMissing`, `SendTooSoon`,
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
    let by_session = subject.session.is_some();
    check_second_to_mailbox(subject.began_by_code(), by_session, new.is_email())?;
    let ring = context.ring().await?;
    let made = match new {
        NewFactor::Totp => totp(context, &ring, &subject)?,
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
    let code = match by_challenge {
        true => EnrolmentCode::asked_for(&login, factor, &ring, context.now())?,
        false => EnrolmentCode::of_enrolment(&login, factor, &ring, context.now())?,
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
    };
    let changed = store.put_enrolment(&enrolment, context.now());
    if changed.await? == Changed::Overtaken {
        return Ok(None);
    }
    let events = &context.events;
    events.did_with(EventKind::EnrolmentBegun, factor.method());
    let challenge = match (code, made.shown) {
        (Some(code), _) => {
            let open = OpenLogin {
                user: user.clone(),
                login,
            };
            let others = account.active_factors().cloned().collect();
            code.send_unless_sent(context, &open, others).await?
        }
        (None, Some((secret, uri))) => EnrolmentChallenge::Totp { secret, uri },
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
    /// The seed and its URI, if the factor is an app.
    shown: Option<(Secret, Secret)>,
}

/// If the user begins again with an app, a new seed replaces the previous seed,
/// which no longer works.
fn totp(context: &Context, ring: &Ring, subject: &EnrolmentSubject) -> Result<Made, Failure> {
    let (user, seed) = (&subject.account.user, Seed::random(random_bytes()?));
    let id = waiting(&context.caller, subject, Factor::is_totp)?;
    let kind = FactorKind::Totp {
        seed: ring.seal_seed(user.id, id, &seed)?,
        last_step: None,
    };
    Ok(Made {
        factor: unconfirmed(id, kind, &context.caller),
        shown: Some(seed_and_uri(&context.app, user, &seed)?),
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

/// A second enrolment of an address is an enrolment of the first factor. The service
/// sends that factor's code again, and the previous code stays valid until it expires.
fn address(
    context: &Context,
    subject: &EnrolmentSubject,
    channel: Channel,
    typed: Option<&str>,
) -> Result<Made, Failure> {
    let account = &subject.account;
    let (own, name) = match channel {
        Channel::Email => (account.user.email.as_deref(), "email"),
        Channel::Sms => (account.user.phone.as_deref(), "phone_number"),
        Channel::Webhook => (None, "transport"),
    };
    let typed = typed.or(own).ok_or(Refusal::ParameterMissing(name))?;
    let to = parse_address(channel, typed)?;
    check_offered(&context.app, channel, &to)?;
    let same = |factor: &&Factor| {
        let address = factor.address();
        address.is_some_and(|(by, other)| by == channel && same_destination(by, other, &to))
    };
    let mut confirmed = account.factors.iter().filter(|factor| factor.confirmed);
    if confirmed.any(|factor| same(&factor)) {
        return Err(EnrolmentRefusal::AlreadyEnrolled.into());
    }
    // It does not matter who began the factor, because only a code that went
    // there confirms it.
    let mut begun = account.factors.iter().filter(|factor| !factor.confirmed);
    let addresses = context.app.addresses();
    let own = addresses.offered_address(&account.user, channel);
    let id = match (own, begun.find(same)) {
        // A login's list uses this identifier before anything is stored.
        (Some(own), begun) if own.eq_ignore_ascii_case(&to) => {
            if begun.is_none() {
                check_room(account, context.now())?;
            }
            addresses.first_factor_id(account.user.id, channel, &to)
        }
        (_, Some(factor)) => factor.id,
        (_, None) => waiting(&context.caller, subject, |factor| same(&factor))?,
    };
    Ok(Made {
        factor: unconfirmed(id, FactorKind::Address { channel, to }, &context.caller),
        shown: None,
    })
}

/// The identifier of the unconfirmed factor that this login has begun, if it is
/// the same factor. Otherwise the identifier of a new factor, if there is room
/// for another.
fn waiting(
    caller: &Caller,
    subject: &EnrolmentSubject,
    same: impl Fn(&Factor) -> bool,
) -> Result<FactorId, Failure> {
    let EnrolmentSubject { account, login, .. } = subject;
    let begun = login.enrolment.as_ref().map(|enrolment| enrolment.factor);
    let mut factors = account.factors.iter().filter(|factor| !factor.confirmed);
    match factors.find(|factor| Some(factor.id) == begun && same(factor)) {
        Some(factor) => Ok(factor.id),
        None => {
            check_room(account, caller.now)?;
            Ok(FactorId::random(random_bytes()?))
        }
    }
}

/// Refuses an address that no code would be sent to.
fn check_offered(app: &App, channel: Channel, to: &str) -> Result<(), Refusal> {
    if app.config.offer.may_use(channel, to) {
        return Ok(());
    }
    Err(match channel {
        // Text messages to some countries are expensive, and fraudsters profit
        // from them.
        Channel::Sms => {
            Refusal::RequestMalformed("text messages are not sent to phones of this country")
        }
        Channel::Email => Refusal::RequestMalformed("e-mail is not a second factor here"),
        Channel::Webhook => Refusal::FactorUnknown,
    })
}

fn unconfirmed(id: FactorId, kind: FactorKind, caller: &Caller) -> Factor {
    Factor {
        id,
        kind,
        confirmed: false,
        created_at: caller.now,
    }
}
