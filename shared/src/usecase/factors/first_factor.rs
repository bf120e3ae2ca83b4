//! The first factor of a user who must show a factor and has no offered one. If
//! the user has a confirmed address, the password alone enrols nothing: a code
//! to that address comes first, and makes the address a factor. On our own
//! pages, and if e-mail is no factor, the code only allows the user to enrol
//! another factor.

use crate::app::App;
use crate::domain::accounts::user::{Account, User};
use crate::domain::client::Client;
use crate::domain::factors::factor::{Channel, Factor, FactorKind};
use crate::domain::id::{FactorId, UserId};
use crate::domain::login::pending_login::{Login, Proof};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::keyring::sha256;
use crate::usecase::Caller;
use crate::usecase::factors::enroll::{FirstChallenge, NewFactor, begin, offered_address};
use crate::usecase::factors::enrolment_subject::Beginning;
use crate::usecase::login::open_login::OpenLogin;

/// What a code to a confirmed address does.
#[derive(Clone, Copy)]
enum Makes {
    /// The code completes the login and makes the address a factor.
    Factor,
    /// The code shows that the person who signs in reads the address.
    Way,
}

impl Makes {
    /// The identifier of such an address, derived from user and address,
    /// because nothing is stored before a code is right.
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

/// The confirmed addresses that a user without a factor is asked for at a login
/// of this client, as if they were factors.
pub(crate) fn first_factors(app: &App, user: &User, client: &str) -> Vec<Factor> {
    if !user.is_owned() {
        return Vec::new();
    }
    let makes = match client == Client::pages().id {
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

fn as_factor(makes: Makes, user: &User, channel: Channel, to: &str) -> Factor {
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

/// The result of `first_factors` for a user who has no offered factor;
/// otherwise nothing.
pub(crate) fn first_if_none(app: &App, account: &Account, client: &str) -> Vec<Factor> {
    let mut offered = account.clone();
    app.config.offer.keep(&mut offered.factors);
    match offered.has_factor() {
        true => Vec::new(),
        false => first_factors(app, &account.user, client),
    }
}

/// Keeps the factors that are offered at a login of this client. If there is
/// none, puts the confirmed addresses in their place.
pub(crate) fn keep_offered(app: &App, account: &mut Account, client: &str) {
    let first = first_if_none(app, account, client);
    app.config.offer.keep(&mut account.factors);
    let again = |factor: &Factor| first.iter().any(|one| one.id == factor.id);
    account.factors.retain(|factor| !again(factor));
    account.factors.extend(first);
}

/// Whether nothing that is offered completes a login of this client. Then a
/// code to an address only shows that the address is the user's.
pub(crate) fn has_to_enrol(app: &App, account: &Account, client: &str) -> bool {
    let mut offered = account.clone();
    keep_offered(app, &mut offered, client);
    let user = &account.user;
    !account.closed_factor && offered.active_factors().all(|factor| is_way(user, factor))
}

/// Whether a code to this address only shows that the address is the user's.
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

/// Sends the code that makes this confirmed address a factor, for a login that
/// waits for it. Returns an `oob_code`, or `None` if another request changed
/// the user meanwhile. Two requests to DynamoDB, three more when the send
/// fails, two more if a code was just sent for an earlier login.
///
/// # Errors
/// `FactorsFull`, `SendTooSoon`, `SendsExhausted`, `DeliveryFailed`.
pub(crate) async fn send_to_first_factor(
    app: &App,
    caller: &Caller,
    open: OpenLogin,
    account: Account,
    channel: Channel,
) -> Result<Option<Secret>, Failure> {
    let beginning = Beginning {
        account,
        login: open.login,
        fresh: false,
        session: None,
    };
    match begin(app, caller, beginning, &NewFactor::Confirmed(channel)).await? {
        None => Ok(None),
        Some(begun) => match begun.challenge {
            FirstChallenge::Sent { token, .. } => Ok(Some(token)),
            FirstChallenge::Totp { .. } => Err(Broken::internal("an address has a seed").into()),
        },
    }
}

/// Refuses a factor that this login may not enrol by the password alone. If the
/// user has a confirmed address, a code to that address comes first.
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
    let first = first_factors(app, user, &login.authorized.client);
    let place = |factor: &Factor| {
        let address = factor.address();
        address.map(|(channel, to)| (channel.name(), to.to_ascii_lowercase()))
    };
    let new = new.and_then(place);
    let is_one = new.is_some() && first.iter().any(|one| place(one) == new);
    if first.is_empty() || is_one {
        Ok(())
    } else {
        Err(Refusal::AlreadyEnrolled)
    }
}
