//! What SES and SNS report about the destinations of a user: messages came
//! back, or the reader complained.

use crate::Timestamp;
use crate::accounts::user::{Account, User};
use crate::factors::factor::Channel;
use crate::messages::destination::same_destination;
use crate::messages::payers::destination_name;

/// What is wrong with a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A message came back for good: there is no such mailbox or number, or it
    /// is blocked.
    Bounced,
    /// The reader called a message spam, or wants no more text messages.
    Complained,
}

impl Trouble {
    /// The name in the table, in the log and in the operators' tool.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Complained => "complained",
        }
    }

    /// The trouble of that name, if this version knows the name.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = [Self::Bounced, Self::Complained].into_iter();
        all.find(|trouble| trouble.name() == name)
    }
}

/// What was last learnt about one destination of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryMark {
    /// The destination, as its budgets know it.
    pub destination: String,
    /// What is wrong. `None` for a mark that was cleared: it stays, so that an
    /// older report does not mark the destination again.
    pub trouble: Option<Trouble>,
    /// When that happened. What happened later counts.
    pub at: Timestamp,
}

impl DeliveryMark {
    /// Whether the mark is about a destination of this channel.
    pub fn is_of(&self, channel: Channel) -> bool {
        self.destination
            .strip_prefix(channel.name())
            .is_some_and(|rest| rest.starts_with(' '))
    }

    /// The address or number, without its channel.
    pub fn place(&self) -> &str {
        let parts = self.destination.split_once(' ');
        parts.map_or(&self.destination, |(_, place)| place)
    }
}

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
            let address = factor.address();
            let troubled = address.is_some_and(|(channel, to)| user.is_troubled(channel, to));
            (troubled, factor.rank(), factor.created_at, factor.id)
        });
    }
}
