//! Enrolments in progress, and who may change factors.
//!
//! An enrolment is part of a pending login that only a code of the new factor
//! completes. Completing the login confirms the factor and raises the user's
//! epoch. So every login and enrolment that was begun before ends. A factor
//! that a thief began with a stolen password can no longer become active.

use crate::Timestamp;
use crate::accounts::user::{Account, ConfirmationPolicy, EmailAddress, User};
use crate::factors::enrolment_refusal::EnrolmentRefusal;
use crate::factors::factor::{Channel, Factor, Method, RecoveryCodes};
use crate::factors::offer::Offer;
use crate::id::{FactorId, SessionId};
use crate::messages::phone_number::PhoneNumber;
use crate::refusal::Refusal;
use crate::sessions::authentication::{Authentication, FirstFactor};

/// How old the authentication of a session may be that changes factors, in seconds.
pub const RECENT_SECONDS: i64 = 600;

/// The largest number of a user's factors, confirmed or not.
pub const MOST_FACTORS: usize = 10;

/// The session that began an enrolment. An enrolment that a pending login began
/// has no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnrollingSession {
    pub id: SessionId,
    /// How and when the session's user authenticated. Enrolling does not renew
    /// this time.
    pub authentication: Authentication,
}

/// An enrolment in progress.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The unconfirmed factor. Only its codes complete the login.
    pub factor: FactorId,
    /// The session that began the enrolment, if a session did.
    pub session: Option<EnrollingSession>,
    /// The factors that the new factor replaces when it is confirmed, because a
    /// user has one authenticator app. These factors cannot change meanwhile:
    /// every change raises the epoch and ends the enrolment.
    pub replaces: Vec<FactorId>,
    /// The recovery codes that were shown with the new factor. They are valid
    /// from the confirmation on.
    pub recovery: Option<RecoveryCodes>,
}

impl User {
    /// The user after the confirmation of a factor. If the address was not
    /// confirmed, the code that went there confirms the address too.
    pub fn with_new_factor(&self) -> Self {
        Self {
            epoch: self.epoch + 1,
            two_factor: true,
            email_confirmed: self.email.is_some(),
            ..self.clone()
        }
    }
}

/// Refuses an authentication that may not add or remove this user's factors. It
/// must be at most ten minutes old, and it must have shown the user's strongest
/// factor. A recovery code counts as the strongest, because it serves users who
/// have lost that factor.
///
/// # Errors
/// `AuthenticationInsufficient`.
fn check_may_change(
    account: &Account,
    authentication: Authentication,
    now: Timestamp,
) -> Result<(), EnrolmentRefusal> {
    let active = account.active_factors().map(Factor::rank);
    // A factor that this version does not know may be as strong as any.
    let beside_passkeys = active.chain(account.closed_factor.then_some(0)).min();
    let passkeys = account.passkeys().map(|(factor, _)| factor.rank());
    let strongest = passkeys.chain(beside_passkeys).min();
    let strong = match (strongest, authentication.method) {
        (None, _) => true,
        // The passkey is all that the user has.
        (Some(_), None) => beside_passkeys.is_none() && is_by_passkey(authentication),
        (Some(strongest), Some(shown)) => rank(shown) <= strongest,
    };
    if strong {
        check_recent(authentication, now)
    } else {
        Err(EnrolmentRefusal::AuthenticationInsufficient)
    }
}

/// Whether the user has shown a passkey.
fn is_by_passkey(authentication: Authentication) -> bool {
    matches!(authentication.first, FirstFactor::Passkey(_))
        || authentication.method == Some(Method::Passkey)
}

/// Refuses an authentication that is older than ten minutes.
///
/// # Errors
/// `AuthenticationInsufficient`.
pub fn check_recent(
    authentication: Authentication,
    now: Timestamp,
) -> Result<(), EnrolmentRefusal> {
    if authentication.at + RECENT_SECONDS > now {
        Ok(())
    } else {
        Err(EnrolmentRefusal::AuthenticationInsufficient)
    }
}

/// Whether, and from when on, users must have a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MfaPolicy {
    /// Each user decides.
    Optional,
    /// Every user must have one, this many seconds after the account was made.
    Required {
        /// How long a user may wait to enrol.
        grace_seconds: i64,
    },
    /// The service asks nobody for one.
    Disabled,
}

impl MfaPolicy {
    /// Whether the answer to a right password demands a second factor.
    pub fn demands(self, account: &Account, now: Timestamp) -> bool {
        let user = &account.user;
        match self {
            Self::Optional => user.two_factor,
            Self::Disabled => false,
            Self::Required { grace_seconds } => {
                let has_one = account.has_factor();
                user.two_factor || has_one || user.created_at + grace_seconds <= now
            }
        }
    }

    /// `check_may_change` under this policy. If the policy asks nobody for a second
    /// factor, nobody can show one, so a recent session is enough. A user with a passkey
    /// can show the passkey, so a session of a password alone is not enough.
    ///
    /// # Errors
    /// `AuthenticationInsufficient`.
    pub fn check_may_change(
        self,
        account: &Account,
        authentication: Authentication,
        now: Timestamp,
    ) -> Result<(), EnrolmentRefusal> {
        match self {
            Self::Disabled => {
                let shown = is_by_passkey(authentication)
                    || authentication.method == Some(Method::RecoveryCode);
                match shown || account.passkeys().next().is_none() {
                    true => check_recent(authentication, now),
                    false => Err(EnrolmentRefusal::AuthenticationInsufficient),
                }
            }
            Self::Optional | Self::Required { .. } => {
                check_may_change(account, authentication, now)
            }
        }
    }

    /// Whether the service asks anybody for a second factor.
    pub fn asks(self) -> bool {
        self != Self::Disabled
    }

    /// Whether a user may be without a second factor.
    pub fn lets_go(self) -> bool {
        !matches!(self, Self::Required { .. })
    }
}

fn rank(method: Method) -> u8 {
    match method {
        Method::Totp | Method::RecoveryCode | Method::Passkey => 0,
        Method::Sms => 1,
        Method::Email | Method::Webhook => 2,
    }
}

impl Offer {
    /// Refuses to enrol by a login alone, if the user has a confirmed factor that this policy
    /// offers. A factor that this version does not know may be offered by another version.
    /// `by_passkey` says whether a passkey began the login. After the password alone, a user
    /// with a passkey enrols only if a code to an address comes before, because the password
    /// is weaker than the passkey.
    ///
    /// # Errors
    /// `AlreadyEnrolled`.
    pub fn check_first_enrolment(
        &self,
        account: &Account,
        by_passkey: bool,
    ) -> Result<(), EnrolmentRefusal> {
        let mut offered = account.factors.clone();
        self.keep_allowed(&mut offered);
        let user = &account.user;
        let counts = |factor: &Factor| factor.confirmed && !user.signs_in_by_factor(factor);
        let has_passkey = account.passkeys().next().is_some();
        let by_password_alone = !by_passkey && has_passkey && !self.reaches_address(user);
        match account.has_closed_factor() || by_password_alone || offered.iter().any(counts) {
            true => Err(EnrolmentRefusal::AlreadyEnrolled),
            false => Ok(()),
        }
    }
}

impl Offer {
    /// Whether a code may go to a confirmed address of the user's own.
    fn reaches_address(&self, user: &User) -> bool {
        let own = |confirmed: bool, channel, to: &Option<String>| {
            confirmed && to.as_deref().is_some_and(|to| self.may_use(channel, to))
        };
        own(user.email_confirmed, Channel::Email, &user.email)
            || own(user.phone_confirmed, Channel::Sms, &user.phone)
    }
}

/// Refuses a factor beyond the largest number.
///
/// # Errors
/// `FactorsFull`.
pub fn check_room(account: &Account, now: Timestamp) -> Result<(), EnrolmentRefusal> {
    let live = account.factors.iter().filter(|factor| factor.is_live(now));
    if live.count() < MOST_FACTORS {
        Ok(())
    } else {
        Err(EnrolmentRefusal::FactorsFull)
    }
}

/// Refuses to enrol a factor while the account's address is not confirmed, because the
/// address may be somebody else's. The exception is a factor at that address, because
/// its code confirms the address. A setting lifts this rule for a trial.
///
/// # Errors
/// `AddressUnconfirmed`.
pub fn check_owned(
    policy: ConfirmationPolicy,
    user: &User,
    factor: &Factor,
) -> Result<(), EnrolmentRefusal> {
    let address = factor.address();
    let own = address.is_some_and(|(channel, to)| user.is_own_email(channel, to));
    if own || policy.lets_enroll(user) {
        return Ok(());
    }
    check_confirmed(user)
}

/// Refuses to enrol an e-mail address in a login or a session that a code to the mailbox
/// began, and a number if the code went to the phone: the mailbox or phone has shown the first
/// factor, and is no second. Who reads that mailbox has shown one thing only, and an e-mail
/// address would be that thing again.
///
/// # Errors
/// `AuthenticationInsufficient` for a session: after a login by password, the user may.
/// `AlreadyEnrolled` for a login.
pub fn check_second_channel(
    first_of_login: FirstFactor,
    session: Option<EnrollingSession>,
    new: Option<Channel>,
) -> Result<(), EnrolmentRefusal> {
    let first = session.map_or(first_of_login, |session| session.authentication.first);
    let again = new.is_some_and(|channel| first.uses_channel(channel));
    match (again, session.is_some()) {
        (true, true) => Err(EnrolmentRefusal::AuthenticationInsufficient),
        (true, false) => Err(EnrolmentRefusal::AlreadyEnrolled),
        (false, _) => Ok(()),
    }
}

/// The factors that a new factor replaces: a new authenticator app replaces the others. An
/// address replaces nothing.
pub fn replaced_factors(account: &Account, new: &Factor) -> Vec<FactorId> {
    let replaced = account.active_factors();
    let replaced = replaced.filter(|one| one.is_totp() && new.is_totp());
    replaced.map(|one| one.id).collect()
}

/// Refuses changes besides the factors while the account's address is not confirmed.
///
/// # Errors
/// `AddressUnconfirmed`.
pub fn check_confirmed(user: &User) -> Result<(), EnrolmentRefusal> {
    match user.is_owned() {
        true => Ok(()),
        false => Err(EnrolmentRefusal::AddressUnconfirmed),
    }
}

/// The destination of codes, in the form in which it is stored: an e-mail
/// address with its domain in lower case, a phone number in E.164 form, or the
/// name of a webhook's transport.
///
/// # Errors
/// `ParameterInvalid`.
pub fn parse_address(channel: Channel, typed: &str) -> Result<String, Refusal> {
    let (parsed, problem) = match channel {
        Channel::Sms => (
            PhoneNumber::parse(typed).map(|number| number.as_str().to_owned()),
            "the phone number is not in E.164 form, such as +15555550100",
        ),
        Channel::Email => (
            parse_email(typed),
            "the e-mail address is not of the form name@example.com",
        ),
        Channel::Webhook => (
            parse_transport(typed),
            "the transport is not a word of at most 32 letters, digits, hyphens and underscores",
        ),
    };
    let name = parameter_of(channel);
    parsed.ok_or(Refusal::ParameterInvalid { name, problem })
}

/// The parameter that an address of this channel is in.
pub fn parameter_of(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "email",
        Channel::Sms => "phone_number",
        Channel::Webhook => "transport",
    }
}

fn parse_transport(typed: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let fits = (1..=32).contains(&typed.len()) && typed.bytes().all(plain);
    fits.then(|| typed.to_owned())
}

fn parse_email(typed: &str) -> Option<String> {
    let address = EmailAddress::parse(typed)?;
    let (local, domain) = address.as_str().split_once('@')?;
    Some(format!("{local}@{}", domain.to_ascii_lowercase()))
}

#[cfg(test)]
#[path = "enrolment_tests.rs"]
mod tests;
