//! The confirmed addresses of a user without a factor. A login uses them as if they
//! were factors.

use crate::accounts::user::{Account, User};
use crate::authorization::client::Authorized;
use crate::factors::enrolment_refusal::EnrolmentRefusal;
use crate::factors::factor::{Channel, Factor, FactorKind};
use crate::factors::offer::Offer;
use crate::id::{FactorId, UserId};
use crate::login::pending_login::{Login, Proof, SentCode};

/// SHA-256 over these parts, each after its length, as base64url.
pub type AddressDigest = fn(&[&[u8]]) -> String;

/// The effect of a code to a confirmed address.
#[derive(Clone, Copy)]
enum Makes {
    /// The code completes the login and makes the address a factor.
    Factor,
    /// The code only shows that the person who signs in reads the address.
    Way,
}

/// Decides which confirmed addresses a login uses.
#[derive(Clone, Copy, Debug)]
pub struct ConfirmedAddresses<'a> {
    /// Which factors are offered.
    pub offer: &'a Offer,
    /// The digest that identifiers are derived with.
    pub digest: AddressDigest,
}

impl ConfirmedAddresses<'_> {
    /// The identifier of such an address. Nothing is stored under it before a code is
    /// right, so the identifier is derived from the user and the address.
    fn id(self, makes: Makes, user: UserId, (channel, to): (Channel, &str)) -> FactorId {
        let label: &[u8] = match makes {
            Makes::Factor => b"first factor",
            Makes::Way => b"address",
        };
        let (user, channel) = (user.to_string(), channel.name().as_bytes());
        let to = to.to_ascii_lowercase();
        let digest = (self.digest)(&[label, user.as_bytes(), channel, to.as_bytes()]);
        let mut bytes = [0; 16];
        bytes
            .iter_mut()
            .zip(digest.bytes())
            .for_each(|(byte, of)| *byte = of);
        FactorId::random(bytes)
    }

    /// The identifier of this user's confirmed address as a factor.
    pub fn first_factor_id(self, user: UserId, channel: Channel, to: &str) -> FactorId {
        self.id(Makes::Factor, user, (channel, to))
    }

    /// Whether this identifier is the one that a login gives to this address of the
    /// user, without a stored factor.
    fn stand_for(self, id: FactorId, user: UserId, address: (Channel, &str)) -> bool {
        let each = [Makes::Factor, Makes::Way].into_iter();
        each.map(|makes| self.id(makes, user, address))
            .any(|derived| derived == id)
    }

    /// Where this code went: to the factor or, before the code made the address a
    /// factor, to the user's own address.
    pub fn place_of_send<'a>(self, account: &'a Account, sent: &SentCode) -> Option<&'a str> {
        let mut factors = account.factors.iter();
        let factor = factors.find(|factor| factor.id == sent.factor);
        let stored = factor.and_then(Factor::address).map(|(_, to)| to);
        let user = &account.user;
        let own = match sent.channel {
            Channel::Email => user.email.as_deref(),
            Channel::Sms => user.phone.as_deref(),
            Channel::Webhook => None,
        };
        let own = own.filter(|to| self.stand_for(sent.factor, user.id, (sent.channel, to)));
        stored.or(own)
    }

    /// The user's own address of this channel, if it is confirmed and may be a factor.
    pub fn offered_address(self, user: &User, channel: Channel) -> Option<&str> {
        let to = own_address(user, channel)?;
        self.offer.may_use(channel, to).then_some(to)
    }

    /// The confirmed addresses that a login of this client uses, for a user without a
    /// factor.
    fn first_factors(self, user: &User, authorized: &Authorized) -> Vec<Factor> {
        if !user.is_owned() {
            return Vec::new();
        }
        let makes = match authorized.is_of_pages() {
            true => Makes::Way,
            false => Makes::Factor,
        };
        let offered = [Channel::Email, Channel::Sms]
            .into_iter()
            .filter_map(|channel| Some((channel, self.offered_address(user, channel)?)));
        let mut addresses: Vec<(Channel, &str)> = offered.collect();
        addresses.sort_by_key(|(channel, to)| user.is_troubled(*channel, to));
        let factors: Vec<Factor> = addresses
            .into_iter()
            .map(|address| self.as_factor(makes, user, address))
            .collect();
        match own_address(user, Channel::Email) {
            Some(email) if factors.is_empty() => {
                vec![self.as_factor(Makes::Way, user, (Channel::Email, email))]
            }
            _ => factors,
        }
    }

    fn as_factor(self, makes: Makes, user: &User, (channel, to): (Channel, &str)) -> Factor {
        Factor {
            id: self.id(makes, user.id, (channel, to)),
            kind: FactorKind::Address {
                channel,
                to: to.to_owned(),
            },
            confirmed: true,
            created_at: user.created_at,
        }
    }

    /// The confirmed addresses that a login of this client uses, if the user has no
    /// offered factor. Otherwise nothing.
    pub fn first_if_none(self, account: &Account, authorized: &Authorized) -> Vec<Factor> {
        let mut offered = account.clone();
        self.offer.keep_allowed(&mut offered.factors);
        match account.has_closed_factor() || offered.has_factor() {
            true => Vec::new(),
            false => self.first_factors(&account.user, authorized),
        }
    }

    /// Keeps only the factors that a login of this client offers. If there are none,
    /// adds the confirmed addresses that the login uses instead.
    pub fn keep_offered(self, account: &mut Account, authorized: &Authorized) {
        let first = self.first_if_none(account, authorized);
        self.offer.keep_allowed(&mut account.factors);
        let again = |factor: &Factor| first.iter().any(|one| one.id == factor.id);
        let user = &account.user;
        account
            .factors
            .retain(|factor| !again(factor) && !user.signs_in_by_factor(factor));
        account.factors.extend(first);
    }

    /// Whether the user has nothing that could complete a login of this client: no
    /// recovery code, and no factor that is offered. A code to an address may only
    /// show that the address is the user's.
    pub fn cannot_complete(self, account: &Account, authorized: &Authorized) -> bool {
        let recovery = account.recovery.as_ref();
        let recovers = recovery.is_some_and(|codes| !codes.hashes.is_empty());
        let mut offered = account.clone();
        self.keep_offered(&mut offered, authorized);
        let user = &account.user;
        let has_to_enrol = !account.has_closed_factor()
            && offered
                .active_factors()
                .all(|factor| self.is_way(user, factor));
        !recovers && has_to_enrol
    }

    /// Whether a code to this address only shows that the user reads the address.
    pub fn is_way(self, user: &User, factor: &Factor) -> bool {
        let address = factor.address();
        address.is_some_and(|address| factor.id == self.id(Makes::Way, user.id, address))
    }

    /// Whether this proof only shows that the user reads an address.
    pub fn proves_address(self, user: &User, login: &Login, proof: &Proof) -> bool {
        let Proof::Sent(sent) = proof else {
            return false;
        };
        let own = own_address(user, sent.channel);
        let is_it = |to| sent.factor == self.id(Makes::Way, user.id, (sent.channel, to));
        login.enrolment.is_none() && own.is_some_and(is_it)
    }

    /// Refuses a factor that the password alone may not enrol in this login. If the
    /// user has a confirmed address, a code to that address must come first.
    ///
    /// # Errors
    /// `AlreadyEnrolled`.
    pub fn check_first(
        self,
        user: &User,
        login: &Login,
        new: Option<&Factor>,
    ) -> Result<(), EnrolmentRefusal> {
        if new.is_some_and(|new| user.signs_in_by_factor(new)) {
            return Err(EnrolmentRefusal::AlreadyEnrolled);
        }
        if login.address_shown {
            return Ok(());
        }
        let first = self.first_factors(user, &login.authorized);
        let place = |factor: &Factor| {
            let address = factor.address();
            address.map(|(channel, to)| (channel.name(), to.to_ascii_lowercase()))
        };
        let new = new.and_then(place);
        let is_one = new.is_some() && first.iter().any(|one| place(one) == new);
        if first.is_empty() || is_one {
            Ok(())
        } else {
            Err(EnrolmentRefusal::AlreadyEnrolled)
        }
    }
}

/// The user's own address of this channel, if it is confirmed and has not shown the first
/// factor.
fn own_address(user: &User, channel: Channel) -> Option<&str> {
    let (own, confirmed) = match channel {
        Channel::Email => (user.email.as_deref(), user.email_confirmed),
        Channel::Sms => (user.phone.as_deref(), user.phone_confirmed),
        // The webhook's receiver is not an address of the user.
        Channel::Webhook => (None, false),
    };
    own.filter(|to| confirmed && !user.signs_in_by(channel, to))
}

#[cfg(test)]
#[path = "confirmed_addresses_tests.rs"]
mod tests;
