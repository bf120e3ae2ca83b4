//! What SES and SNS report about the destinations of a user: messages came
//! back, or the reader complained.

use crate::Timestamp;
use crate::factors::factor::Channel;

/// What is wrong with a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A message bounced for good: the mailbox or number does not exist, or is blocked.
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

    pub const ALL: [Self; 2] = [Self::Bounced, Self::Complained];

    /// The trouble of that name, if this version knows the name.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
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
