//! The factor that a user enrols: where its codes go, and which identifier it has.

use crate::Timestamp;
use crate::accounts::user::Account;
use crate::factors::confirmed_addresses::ConfirmedAddresses;
use crate::factors::enrolment::{check_room, parameter_of, parse_address};
use crate::factors::enrolment_refusal::EnrolmentRefusal;
use crate::factors::factor::{Channel, Factor};
use crate::factors::offer::Offer;
use crate::id::FactorId;
use crate::login::pending_login::Login;
use crate::messages::destination::same_destination;
use crate::refusal::Refusal;

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
    Passkey,
}

impl NewFactor {
    /// The channel of the factor's codes, if codes are sent to the factor.
    pub fn channel(&self) -> Option<Channel> {
        match self {
            Self::Totp | Self::Passkey => None,
            Self::Address { channel, .. } | Self::Confirmed(channel) => Some(*channel),
        }
    }
}

impl Offer {
    /// The address of a new factor of this channel: the typed address, or the user's own.
    ///
    /// # Errors
    /// `ParameterMissing` without either; `ParameterInvalid`, and `FactorUnknown` without a
    /// webhook, for an address that no code would be sent to.
    pub fn new_address(
        &self,
        account: &Account,
        channel: Channel,
        typed: Option<&str>,
    ) -> Result<String, Refusal> {
        let own = match channel {
            Channel::Email => account.user.email.as_deref(),
            Channel::Sms => account.user.phone.as_deref(),
            Channel::Webhook => None,
        };
        let missing = Refusal::ParameterMissing(parameter_of(channel));
        let typed = typed.or(own).ok_or(missing)?;
        let to = parse_address(channel, typed)?;
        self.check_offered(channel, &to)?;
        Ok(to)
    }

    fn check_offered(&self, channel: Channel, to: &str) -> Result<(), Refusal> {
        if self.may_use(channel, to) {
            return Ok(());
        }
        let problem = match channel {
            // Text messages to some countries are expensive, and fraudsters profit
            // from them.
            Channel::Sms => "text messages are not sent to phones of this country",
            Channel::Email => "e-mail is not a second factor here",
            Channel::Webhook => return Err(Refusal::FactorUnknown),
        };
        let name = parameter_of(channel);
        Err(Refusal::ParameterInvalid { name, problem })
    }
}

/// The identifier of a new app, if this login has begun to enrol an app: the new seed
/// replaces the one before. `None` for an app that gets a new identifier.
///
/// # Errors
/// `FactorsFull`.
pub fn app_begun_before(
    account: &Account,
    login: &Login,
    now: Timestamp,
) -> Result<Option<FactorId>, EnrolmentRefusal> {
    let begun = login.enrolment.as_ref().map(|enrolment| enrolment.factor);
    let mut waiting = account.factors.iter().filter(|factor| !factor.confirmed);
    let same = waiting.find(|factor| Some(factor.id) == begun && factor.is_totp());
    if same.is_none() {
        check_room(account, now)?;
    }
    Ok(same.map(|factor| factor.id))
}

impl ConfirmedAddresses<'_> {
    /// The identifier of a factor at this address, if the service knows the factor. A second
    /// enrolment of an address is an enrolment of the first factor: the service sends that
    /// factor's code again, and the previous code stays valid until it expires. It does not
    /// matter who began the factor, because only a code that went there confirms it. `None`
    /// for a factor that gets a new identifier.
    ///
    /// # Errors
    /// `AlreadyEnrolled`, `FactorsFull`.
    pub fn known_factor_at(
        self,
        account: &Account,
        (channel, to): (Channel, &str),
        now: Timestamp,
    ) -> Result<Option<FactorId>, EnrolmentRefusal> {
        let same = |factor: &&Factor| {
            let address = factor.address();
            address.is_some_and(|(by, other)| by == channel && same_destination(by, other, to))
        };
        let mut there = account.factors.iter().filter(same);
        if there.clone().any(|factor| factor.confirmed) {
            return Err(EnrolmentRefusal::AlreadyEnrolled);
        }
        let begun = there.next();
        if begun.is_none() {
            check_room(account, now)?;
        }
        // A login's list uses this identifier before anything is stored.
        let own = self.offered_address(&account.user, channel);
        if own.is_some_and(|own| own.eq_ignore_ascii_case(to)) {
            return Ok(Some(self.first_factor_id(account.user.id, channel, to)));
        }
        Ok(begun.map(|factor| factor.id))
    }
}

#[cfg(test)]
#[path = "new_factor_tests.rs"]
mod tests;
