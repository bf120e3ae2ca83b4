//! Who pays for a message. Every message draws on a few budgets at once, and
//! goes out only if each of them allows it; the whole table stands in
//! ARCHITECTURE.md. Here are the budgets, and which of them a message draws on.

use crate::Timestamp;
use crate::factors::factor::Channel;
use crate::id::UserId;
use crate::login::throttle::Budget;
use crate::messages::destination::fold;

const DAY: i64 = 86_400;

/// A budget that messages draw on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A destination that the account has confirmed.
    Confirmed(Channel),
    /// The account, over its confirmed destinations of this channel.
    Account(Channel),
    /// Any other destination, over all who ask.
    Unconfirmed,
    /// The account, over all destinations that it has not confirmed.
    AccountDay,
    /// The asker's network, over all destinations that are not confirmed.
    Network,
    /// The confirmed mailbox that resets go to.
    Resets,
    /// The confirmed mailbox together with a network that is known to its account.
    KnownResets,
    /// The mailbox that is told of lockouts.
    Lockouts,
    /// The mailbox that is told of changes.
    Notices,
    /// All text messages to unconfirmed numbers of one calling code.
    TextsToPrefix,
    /// All text messages to unconfirmed numbers.
    Texts,
}

/// How much a row allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// A budget that refills steadily; `cool_down` keeps half a minute between
    /// two messages.
    Steady {
        /// How many, and how fast one more.
        budget: Budget,
        /// Whether the next message has to wait.
        cool_down: bool,
    },
    /// A steady budget, with a cool-down, that anybody may draw on. So the
    /// first ask of a network in a day passes beside it.
    Open {
        /// How many, and how fast one more.
        budget: Budget,
        /// How many first asks pass beside it in a day.
        first_asks: i64,
    },
    /// So many in a day of UTC.
    Day(i64),
}

/// First asks of networks that pass beside the budget of a destination in a day.
pub const FIRST_ASKS_A_DAY: i64 = 20;

/// Messages to destinations that an account has not confirmed, in a day. They
/// are counted when they are asked for, so that enrolling and deleting a
/// factor, or naming one destination after another, gives none back.
pub const UNCONFIRMED_A_DAY: i64 = 10;

/// Notices to one mailbox in a day.
pub const NOTICES_A_DAY: i64 = 30;

impl Row {
    /// The name in the table of items, in the log and in ARCHITECTURE.md.
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirmed(_) => "confirmed",
            Self::Account(_) => "account",
            Self::Unconfirmed => "unconfirmed",
            Self::AccountDay => "account-day",
            Self::Network => "network",
            Self::Resets => "reset",
            Self::KnownResets => "reset-known",
            Self::Lockouts => "lockout",
            Self::Notices => "notice",
            Self::TextsToPrefix => "texts-to-prefix",
            Self::Texts => "texts",
        }
    }

    /// How much it allows. The two ceilings of text messages are settings.
    pub fn limit(self, ceilings: TextCeilings) -> Limit {
        let steady = |burst, interval, cool_down| Limit::Steady {
            budget: Budget { burst, interval },
            cool_down,
        };
        match self {
            // Most webhooks send text messages.
            Self::Confirmed(Channel::Sms | Channel::Webhook) => steady(10, 3600, true),
            Self::Confirmed(Channel::Email) => steady(10, 360, true),
            Self::Account(Channel::Sms | Channel::Webhook) => steady(10, 3600, false),
            Self::Account(Channel::Email) => steady(10, 360, false),
            Self::Unconfirmed => open(3, 3600),
            Self::AccountDay => Limit::Day(UNCONFIRMED_A_DAY),
            Self::Network => steady(20, 180, false),
            Self::Resets => open(5, 1800),
            Self::KnownResets => steady(5, 1800, true),
            // Anybody can lock a name out.
            Self::Lockouts => steady(1, 3600, false),
            Self::Notices => Limit::Day(NOTICES_A_DAY),
            Self::TextsToPrefix => Limit::Day(ceilings.to_prefix),
            Self::Texts => Limit::Day(ceilings.in_all),
        }
    }

    /// How many it allows at once.
    pub fn burst(self, ceilings: TextCeilings) -> i64 {
        match self.limit(ceilings) {
            Limit::Steady { budget, .. } | Limit::Open { budget, .. } => budget.burst,
            Limit::Day(most) => most,
        }
    }
}

fn open(burst: i64, interval: i64) -> Limit {
    Limit::Open {
        budget: Budget { burst, interval },
        first_asks: FIRST_ASKS_A_DAY,
    }
}

/// How many text messages go to unconfirmed numbers in a day of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextCeilings {
    /// To the numbers of one calling code.
    pub to_prefix: i64,
    /// In all.
    pub in_all: i64,
}

/// One who pays: a row, and whose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payer {
    /// The row.
    pub row: Row,
    /// How much it allows.
    pub limit: Limit,
    /// Whose, as a hash; a calling code as it is.
    pub who: String,
}

/// What a message is charged to: every one of these, or it is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// Charged in the transaction that records the send.
    pub payers: Vec<Payer>,
    /// Charged before it, one by one, because many senders meet there.
    pub ceilings: Vec<Payer>,
    /// Whose first ask of the day it is: the network that asks, as a hash. Resets
    /// have a first ask of their own, so that no other message tells of them.
    pub asker: String,
}

/// On what ground a link that resets a password is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetFor {
    /// Somebody says that the password is forgotten, from a network that
    /// completed a login of the account lately.
    KnownNetwork,
    /// Somebody says so from elsewhere.
    Stranger,
    /// Somebody signs up at the address.
    SignUp,
}

/// What is sent, as far as it decides who pays.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// A code, or a link that confirms an address, on behalf of an account.
    ToProve {
        /// The account.
        user: UserId,
        /// How it is sent.
        channel: Channel,
        /// The destination; for the webhook the user.
        to: &'a str,
        /// Whether it is a confirmed destination of that account.
        confirmed: bool,
        /// The calling code of a number.
        prefix: &'a str,
    },
    /// A link that resets a password.
    Reset {
        /// The mailbox.
        to: &'a str,
        /// Whether the account has confirmed it.
        confirmed: bool,
        /// On what ground.
        ground: ResetFor,
    },
    /// What tells this mailbox of a lockout.
    Lockout(&'a str),
    /// What tells this mailbox of a change.
    Notice(&'a str),
}

impl Bill {
    /// The bill of a message that `network` (a hash) asked for. `hash` makes
    /// hashes of the other payers.
    pub fn of(
        message: Message<'_>,
        network: &str,
        ceilings: TextCeilings,
        hash: impl Fn(&str) -> String,
    ) -> Self {
        let payer = |row: Row, who: String| Payer {
            row,
            limit: row.limit(ceilings),
            who,
        };
        let mailbox = |row, to| vec![payer(row, hash(&fold(Channel::Email, to)))];
        let destination = |channel: Channel, to| {
            let name = channel.name();
            hash(&format!("{name} {}", fold(channel, to)))
        };
        let (mut above, mut asker) = (Vec::new(), network.to_owned());
        let payers = match message {
            // The link that a new account would get is charged alike.
            Message::Reset {
                to,
                ground: ResetFor::SignUp,
                ..
            } => vec![
                payer(Row::Unconfirmed, destination(Channel::Email, to)),
                payer(Row::Network, network.to_owned()),
            ],
            Message::Reset {
                to,
                confirmed: false,
                ..
            } => {
                asker = hash(&format!("reset {network}"));
                vec![payer(Row::Unconfirmed, destination(Channel::Email, to))]
            }
            Message::Reset {
                to,
                ground: ResetFor::KnownNetwork,
                ..
            } => {
                let to = fold(Channel::Email, to);
                vec![payer(Row::KnownResets, hash(&format!("{network} {to}")))]
            }
            Message::Reset {
                to,
                ground: ResetFor::Stranger,
                ..
            } => mailbox(Row::Resets, to),
            Message::Lockout(to) => mailbox(Row::Lockouts, to),
            Message::Notice(to) => mailbox(Row::Notices, to),
            Message::ToProve {
                user,
                channel,
                to,
                confirmed,
                prefix,
            } => {
                let destination = destination(channel, to);
                if confirmed {
                    let account = hash(&format!("{} {user}", channel.name()));
                    vec![
                        payer(Row::Confirmed(channel), destination),
                        payer(Row::Account(channel), account),
                    ]
                } else {
                    if channel == Channel::Sms {
                        above.push(payer(Row::TextsToPrefix, prefix.to_owned()));
                        above.push(payer(Row::Texts, "all".to_owned()));
                    }
                    vec![
                        payer(Row::Unconfirmed, destination),
                        payer(Row::AccountDay, hash(&user.to_string())),
                        payer(Row::Network, network.to_owned()),
                    ]
                }
            }
        };
        Self {
            payers,
            ceilings: above,
            asker,
        }
    }
}

/// The number of the day of UTC that this is in.
pub fn day_of(now: Timestamp) -> i64 {
    now.div_euclid(DAY)
}

/// When the next day of UTC begins.
pub fn next_day(now: Timestamp) -> Timestamp {
    (day_of(now) + 1) * DAY
}

#[cfg(test)]
#[path = "payers_tests.rs"]
mod tests;
