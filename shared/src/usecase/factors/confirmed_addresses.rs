//! The confirmed addresses of a user without a factor, which a login asks for as if they were factors.

use crate::app::App;
use crate::domain::accounts::user::{Account, User};
use crate::domain::client::Authorized;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::{Channel, Factor, FactorKind};
use crate::domain::id::{FactorId, UserId};
use crate::domain::login::pending_login::{Login, Proof};
use crate::domain::refusal::Refusal;
use crate::keyring::sha256;

/// What a code to a confirmed address does.
#[derive(Clone, Copy)]
pub(crate) enum Makes {
    /// It completes the login and makes the address a factor.
    Factor,
    /// It shows that whoever signs in reads the address.
    Way,
}

impl Makes {
    /// The identifier of such an address. Nothing is kept under it before a code
    /// is right, so it follows from user and address.
    fn id(self, user: UserId, channel: Channel, to: &str) -> FactorId {
        let label: &[u8] = match self {
            Self::Factor => b"first factor",
            Self::Way => b"address",
        };
        let (user, channel) = (user.to_string(), channel.name().as_bytes());
        let to = to.to_ascii_lowercase();
        let digest = sha256(&[label, user.as_bytes(), channel, to.as_bytes()]);
        let mut bytes = [0; 16];
        bytes
            .iter_mut()
            .zip(digest.bytes())
            .for_each(|(byte, of)| *byte = of);
        FactorId::random(bytes)
    }
}

/// The identifier of this user's confirmed address as a factor.
pub(crate) fn first_factor_id(user: UserId, channel: Channel, to: &str) -> FactorId {
    Makes::Factor.id(user, channel, to)
}

/// The confirmed addresses that a user who has no factor is asked for at a login
/// of this client: as if they were factors.
pub(crate) fn first_factors(app: &App, user: &User, authorized: &Authorized) -> Vec<Factor> {
    if !user.is_owned() {
        return Vec::new();
    }
    let makes = match authorized.is_of_pages() {
        true => Makes::Way,
        false => Makes::Factor,
    };
    let own = [Channel::Email, Channel::Sms];
    let offered = own
        .into_iter()
        .filter_map(|channel| offered_address(app, user, channel));
    let factors: Vec<Factor> = offered
        .map(|(channel, to)| as_factor(makes, user, channel, to))
        .collect();
    let email = user.email.as_deref().filter(|_| user.email_confirmed);
    match email {
        Some(email) if factors.is_empty() => {
            vec![as_factor(Makes::Way, user, Channel::Email, email)]
        }
        _ => factors,
    }
}

pub(crate) fn as_factor(makes: Makes, user: &User, channel: Channel, to: &str) -> Factor {
    Factor {
        id: makes.id(user.id, channel, to),
        kind: FactorKind::Address {
            channel,
            to: to.to_owned(),
        },
        confirmed: true,
        created_at: user.created_at,
    }
}

/// What `first_factors` gives, for a user who has no factor that is offered; else
/// none.
pub(crate) fn first_if_none(app: &App, account: &Account, authorized: &Authorized) -> Vec<Factor> {
    let mut offered = account.clone();
    app.config.offer.keep(&mut offered.factors);
    match offered.has_factor() {
        true => Vec::new(),
        false => first_factors(app, &account.user, authorized),
    }
}

/// Leaves the factors that are offered at a login of this client; where there is
/// none, the confirmed addresses in their place.
pub(crate) fn keep_offered(app: &App, account: &mut Account, authorized: &Authorized) {
    let first = first_if_none(app, account, authorized);
    app.config.offer.keep(&mut account.factors);
    let again = |factor: &Factor| first.iter().any(|one| one.id == factor.id);
    account.factors.retain(|factor| !again(factor));
    account.factors.extend(first);
}

/// Whether nothing that is offered completes a login of this client: a code to
/// an address only shows that it is the user's.
pub(crate) fn has_to_enrol(app: &App, account: &Account, authorized: &Authorized) -> bool {
    let mut offered = account.clone();
    keep_offered(app, &mut offered, authorized);
    let user = &account.user;
    !account.closed_factor && offered.active_factors().all(|factor| is_way(user, factor))
}

/// Whether a code to this address only shows that it is the user's.
pub(crate) fn is_way(user: &User, factor: &Factor) -> bool {
    let address = factor.address();
    address.is_some_and(|(channel, to)| factor.id == Makes::Way.id(user.id, channel, to))
}

/// Whether this proof shows an address and nothing more.
pub(crate) fn shows_address(user: &User, login: &Login, proof: &Proof) -> bool {
    let Proof::Sent(sent) = proof else {
        return false;
    };
    let own = match sent.channel {
        Channel::Email => user.email.as_deref().filter(|_| user.email_confirmed),
        Channel::Sms => user.phone.as_deref().filter(|_| user.phone_confirmed),
        Channel::Webhook => None,
    };
    let is_it = |to| sent.factor == Makes::Way.id(user.id, sent.channel, to);
    login.enrolment.is_none() && own.is_some_and(is_it)
}

/// Refuses a factor that this login may not enrol by the password alone: where
/// there is a confirmed address, that comes first, unless it was shown.
///
/// # Errors
/// `AlreadyEnrolled`.
pub(crate) fn check_first(
    app: &App,
    user: &User,
    login: &Login,
    new: Option<&Factor>,
) -> Result<(), Refusal> {
    if login.address_shown {
        return Ok(());
    }
    let first = first_factors(app, user, &login.authorized);
    let place = |factor: &Factor| {
        let address = factor.address();
        address.map(|(channel, to)| (channel.name(), to.to_ascii_lowercase()))
    };
    let new = new.and_then(place);
    let is_one = new.is_some() && first.iter().any(|one| place(one) == new);
    if first.is_empty() || is_one {
        Ok(())
    } else {
        Err(EnrolmentRefusal::AlreadyEnrolled.into())
    }
}

/// The user's own address of this channel, if it is confirmed and may be a factor.
pub(crate) fn offered_address<'a>(
    app: &App,
    user: &'a User,
    channel: Channel,
) -> Option<(Channel, &'a str)> {
    let (own, confirmed) = match channel {
        Channel::Email => (user.email.as_deref(), user.email_confirmed),
        Channel::Sms => (user.phone.as_deref(), user.phone_confirmed),
        // The receiver behind it is no address of the user's.
        Channel::Webhook => (None, false),
    };
    let to = own.filter(|to| confirmed && app.config.offer.may_use(channel, to))?;
    Some((channel, to))
}

/// Nobody enrols a factor while the account's address is not confirmed: the
/// address may be somebody else's. A code that comes to that address confirms it.
/// A setting lifts this for a trial.
///
/// # Errors
/// `UserUnconfirmed`.
pub(crate) fn check_owned(app: &App, user: &User, factor: &Factor) -> Result<(), Refusal> {
    let address = factor.address();
    let own = address.is_some_and(|(channel, to)| user.is_own_email(channel, to));
    if own || app.config.confirmation.lets_enroll(user) {
        return Ok(());
    }
    check_confirmed(user)
}

/// Nobody changes what stands beside the factors while the account's address is
/// not confirmed.
///
/// # Errors
/// `UserUnconfirmed`.
pub(crate) fn check_confirmed(user: &User) -> Result<(), Refusal> {
    if user.is_owned() {
        return Ok(());
    }
    Err(Refusal::UserUnconfirmed {
        user: user.id,
        email: user.email.clone(),
        phone: user.phone.clone(),
    })
}
