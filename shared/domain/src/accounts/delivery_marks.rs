//! What the marks of a user's destinations mean for the user: which destinations have a
//! mark. A login offers these destinations last.

use crate::accounts::user::{Account, User};
use crate::factors::factor::{Channel, Factor};
use crate::messages::delivery::DeliveryMark;
use crate::messages::destination::destination_name;
use crate::messages::destination::same_destination;

impl User {
    /// What is wrong with this destination, if anything is.
    pub fn trouble_at(&self, channel: Channel, to: &str) -> Option<&DeliveryMark> {
        if self.delivery.is_empty() {
            return None;
        }
        let destination = destination_name(channel, to);
        let mut marks = self.troubles();
        marks.find(|mark| mark.destination == destination)
    }

    /// Whether something is wrong with this destination.
    pub fn is_troubled(&self, channel: Channel, to: &str) -> bool {
        self.trouble_at(channel, to).is_some()
    }

    /// Whether something is wrong with the destination of this factor, if it has one.
    pub fn has_trouble_with(&self, factor: &Factor) -> bool {
        let address = factor.address();
        address.is_some_and(|(channel, to)| self.is_troubled(channel, to))
    }

    /// Every destination with which something is wrong.
    pub fn troubles(&self) -> impl Iterator<Item = &DeliveryMark> {
        let marks = self.delivery.iter();
        marks.filter(|mark| mark.trouble.is_some())
    }
}

impl Account {
    /// Whether messages to this user go to this destination: the own address or
    /// number, or a confirmed factor.
    pub fn reads(&self, channel: Channel, to: &str) -> bool {
        let own = match channel {
            Channel::Email => self.user.email.as_deref(),
            Channel::Sms => self.user.phone.as_deref(),
            Channel::Webhook => None,
        };
        let is_it = |other: &str| same_destination(channel, other, to);
        let confirmed = self.factors.iter().filter(|factor| factor.confirmed);
        own.is_some_and(is_it)
            || confirmed
                .filter_map(|factor| factor.address())
                .any(|(other, address)| other == channel && is_it(address))
    }

    /// Puts the factors in the order in which a login offers them: by rank and
    /// by age, but a factor whose messages came back after all others.
    pub fn order_factors(&mut self) {
        let user = &self.user;
        self.factors.sort_by_key(|factor| {
            let troubled = user.has_trouble_with(factor);
            (troubled, factor.rank(), factor.created_at, factor.id)
        });
    }
}
