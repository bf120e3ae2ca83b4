//! Who pays for a message. Every message draws on a few budgets at once, and
//! goes out only if each of them allows it. This file has the budgets, and says
//! which of them a message draws on. ARCHITECTURE.md has the whole table.

use crate::Timestamp;
use crate::factors::factor::Channel;
use crate::id::UserId;
use crate::login::throttle::Budget;
use crate::messages::destination::{Recipient, destination_name, fold, mailbox_name};

const DAY: i64 = 86_400;

/// A budget that messages draw on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A destination that the account has confirmed.
    Confirmed(Channel),
    /// The account, over its confirmed destinations of this channel.
    Account(Channel),
    /// Any other destination, over all networks that ask.
    Unconfirmed,
    /// The account, over all destinations that it has not confirmed.
    AccountDay,
    /// The asker's network, over all destinations that are not confirmed.
    Network,
    /// The confirmed mailbox that resets go to.
    Resets,
    /// The confirmed mailbox, together with a network that is known to the
    /// account.
    KnownResets,
    /// The mailbox of a code that signs in, together with a network that is known to the
    /// account.
    KnownCodes,
    /// The mailbox that gets notices of lockouts.
    Lockouts,
    /// The mailbox or the number that gets notices of changes.
    Notices,
    /// All text messages to unconfirmed numbers of one calling code.
    TextsToPrefix,
    /// All text messages to unconfirmed numbers.
    Texts,
}

/// The limit of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// A budget that refills steadily; `cool_down` keeps half a minute between
    /// two messages.
    Steady {
        /// How many messages at once, and how fast the budget refills.
        budget: Budget,
        /// Whether the next message has to wait.
        cool_down: bool,
    },
    /// A steady budget with a cool-down that anybody may draw on. So the first
    /// ask of a network in a day does not draw on the budget.
    Open {
        /// How many messages at once, and how fast the budget refills.
        budget: Budget,
        /// How many first asks in a day do not draw on the budget.
        first_asks: i64,
    },
    /// This many in a day of UTC.
    Day(i64),
}

/// How many first asks of networks in a day do not draw on the budget of a
/// destination.
pub const FIRST_ASKS_A_DAY: i64 = 20;

/// Messages in a day to destinations that an account has not confirmed.
/// Messages are counted when they are asked for. So nobody gets a message back
/// by deleting a factor and enrolling again, or by naming one destination after
/// another.
pub const UNCONFIRMED_A_DAY: i64 = 10;

/// Notices to one mailbox in a day.
pub const NOTICES_A_DAY: i64 = 30;

impl Row {
    /// All rows, each name once.
    pub const ALL: [Self; 12] = [
        Self::Confirmed(Channel::Email),
        Self::Account(Channel::Email),
        Self::Unconfirmed,
        Self::AccountDay,
        Self::Network,
        Self::Resets,
        Self::KnownResets,
        Self::KnownCodes,
        Self::Lockouts,
        Self::Notices,
        Self::TextsToPrefix,
        Self::Texts,
    ];

    /// The name in the items' keys, in the log and in ARCHITECTURE.md.
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirmed(_) => "confirmed",
            Self::Account(_) => "account",
            Self::Unconfirmed => "unconfirmed",
            Self::AccountDay => "account-day",
            Self::Network => "network",
            Self::Resets => "reset",
            Self::KnownResets => "reset-known",
            Self::KnownCodes => "code-known",
            Self::Lockouts => "lockout",
            Self::Notices => "notice",
            Self::TextsToPrefix => "texts-to-prefix",
            Self::Texts => "texts",
        }
    }

    /// The limit of the row. The two ceilings of text messages are settings.
    pub fn limit(self, ceilings: TextCeilings) -> Limit {
        let steady = |burst, interval, cool_down| Limit::Steady {
            budget: Budget { burst, interval },
            cool_down,
        };
        match self {
            // Most webhooks send text messages, so the limit is the same.
            Self::Confirmed(Channel::Sms | Channel::Webhook) => steady(10, 3600, true),
            Self::Confirmed(Channel::Email) => steady(10, 360, true),
            Self::Account(Channel::Sms | Channel::Webhook) => steady(10, 3600, false),
            Self::Account(Channel::Email) => steady(10, 360, false),
            Self::Unconfirmed => open(3, 3600),
            Self::AccountDay => Limit::Day(UNCONFIRMED_A_DAY),
            Self::Network => steady(20, 180, false),
            Self::Resets => open(5, 1800),
            Self::KnownResets => steady(5, 1800, true),
            // Each code allows a few guesses, so this limit bounds the guesses in a day.
            Self::KnownCodes => steady(10, 3600, true),
            // One an hour, because anybody can lock a name out.
            Self::Lockouts => steady(1, 3600, false),
            Self::Notices => Limit::Day(NOTICES_A_DAY),
            Self::TextsToPrefix => Limit::Day(ceilings.to_prefix),
            Self::Texts => Limit::Day(ceilings.in_all),
        }
    }

    /// How many the row allows at once.
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
    pub in_all: i64,
}

/// A payer: a row, and the owner of the budget in that row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payer {
    pub row: Row,
    /// How much the row allows.
    pub limit: Limit,
    /// The owner of the budget, as a hash. A calling code is not hashed.
    pub who: String,
}

/// What a message is charged to. The message is sent only if all of these can
/// be charged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// The payers that are charged in the transaction that records the send.
    pub payers: Vec<Payer>,
    /// The payers that are charged before the transaction, one by one, because
    /// many senders meet there.
    pub ceilings: Vec<Payer>,
    /// The network that asks, as a hash. Each network has its own first ask of a
    /// day. Resets have a first ask of their own, so that no other message reveals
    /// a reset.
    pub asker: String,
    /// The count of first asks that the bill draws on.
    pub first_asks: FirstAsks,
    /// The account that a confirmed destination gets the message for. The budget
    /// of the destination keeps the account, so that the report of a bounced message
    /// finds the account.
    pub recipient: Option<UserId>,
}

/// A count of the first asks of networks for a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstAsks {
    /// For all messages except resets at an address that no account has confirmed.
    OfAll,
    /// For resets at an address that no account has confirmed. Such a reset is charged
    /// whether or not a message goes out. With one count for all messages, strangers
    /// could therefore stop sign-ups without sending a message.
    OfResets,
}

/// Why a link that resets a password is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetFor {
    /// Somebody has forgotten the password, and asks from a network that
    /// completed a login of the account lately.
    KnownNetwork,
    /// Somebody has forgotten the password, and asks from another network.
    Stranger,
    /// Somebody signs up with the address.
    SignUp,
}

/// A message, as far as it decides who pays.
#[derive(Clone, Copy, Debug)]
pub enum BilledMessage<'a> {
    /// A code, or a link that confirms an address, on behalf of an account.
    ToProve {
        /// The account.
        user: UserId,
        /// Whether the destination is the own mailbox of an account that
        /// nobody owns yet (`User::is_owned`).
        unowned_mailbox: bool,
        /// How it is sent.
        channel: Channel,
        /// The destination. For the webhook, this is the user.
        to: &'a str,
        /// Whether the account has confirmed the destination.
        confirmed: bool,
        /// The calling code of a number.
        prefix: &'a str,
    },
    /// A link that resets a password.
    Reset {
        /// The mailbox.
        to: &'a str,
        /// Whether the account has confirmed the mailbox.
        confirmed: bool,
        /// Why the link is sent.
        ground: ResetFor,
    },
    /// A code that signs in, to this mailbox or phone. `known` is a network that completed a
    /// login of the account lately. `prefix` is the calling code of a text that goes out.
    MailboxCode {
        to: Recipient<'a>,
        known: bool,
        prefix: Option<&'a str>,
    },
    /// A message that tells this mailbox of a lockout.
    Lockout(&'a str),
    /// A message that tells this mailbox, or this number, of a change.
    Notice(&'a str),
}

impl Bill {
    /// The bill of a message that `network` (a hash) asked for. `hash` hashes
    /// the other payers.
    pub fn of(
        message: BilledMessage<'_>,
        network: &str,
        ceilings: TextCeilings,
        hash: impl Fn(&str) -> String,
    ) -> Self {
        let payer = |row: Row, who: String| Payer {
            row,
            limit: row.limit(ceilings),
            who,
        };
        let mailbox = |row, to| vec![payer(row, hash(&mailbox_name(to)))];
        let destination = |channel: Channel, to| hash(&destination_name(channel, to));
        let text_ceilings = |prefix: &str| {
            let (prefix, all) = (prefix.to_owned(), "all".to_owned());
            [payer(Row::TextsToPrefix, prefix), payer(Row::Texts, all)]
        };
        let (mut above, mut asker) = (Vec::new(), network.to_owned());
        let mut first_asks = FirstAsks::OfAll;
        let mut recipient = None;
        let payers = match message {
            // A link for a new account is charged in the same way, so the
            // charges do not reveal the account.
            BilledMessage::Reset {
                to,
                ground: ResetFor::SignUp,
                ..
            } => vec![
                payer(Row::Unconfirmed, destination(Channel::Email, to)),
                payer(Row::Network, network.to_owned()),
            ],
            BilledMessage::Reset {
                to,
                confirmed: false,
                ..
            } => {
                asker = hash(&format!("reset {network}"));
                first_asks = FirstAsks::OfResets;
                vec![payer(Row::Unconfirmed, destination(Channel::Email, to))]
            }
            BilledMessage::Reset {
                to,
                ground: ResetFor::KnownNetwork,
                ..
            } => {
                let to = mailbox_name(to);
                vec![payer(Row::KnownResets, hash(&format!("{network} {to}")))]
            }
            BilledMessage::Reset {
                to,
                ground: ResetFor::Stranger,
                ..
            } => mailbox(Row::Resets, to),
            BilledMessage::MailboxCode {
                to, known: true, ..
            } => {
                let to = fold(to.channel, to.to);
                vec![payer(Row::KnownCodes, hash(&format!("{network} {to}")))]
            }
            // Charged alike with and without an account, except for the ceilings.
            BilledMessage::MailboxCode { to, prefix, .. } => {
                above.extend(prefix.into_iter().flat_map(text_ceilings));
                vec![
                    payer(Row::Unconfirmed, destination(to.channel, to.to)),
                    payer(Row::Network, network.to_owned()),
                ]
            }
            BilledMessage::Lockout(to) => mailbox(Row::Lockouts, to),
            BilledMessage::Notice(to) => mailbox(Row::Notices, to),
            BilledMessage::ToProve {
                user,
                unowned_mailbox,
                channel,
                to,
                confirmed,
                prefix,
            } => {
                let destination = destination(channel, to);
                if confirmed {
                    recipient = Some(user);
                    let account = hash(&account_name(channel, user));
                    vec![
                        payer(Row::Confirmed(channel), destination),
                        payer(Row::Account(channel), account),
                    ]
                } else {
                    if channel == Channel::Sms {
                        above.extend(text_ceilings(prefix));
                    }
                    let account = hash(&account_day_name(user, unowned_mailbox));
                    vec![
                        payer(Row::Unconfirmed, destination),
                        payer(Row::AccountDay, account),
                        payer(Row::Network, network.to_owned()),
                    ]
                }
            }
        };
        Self {
            payers,
            ceilings: above,
            asker,
            first_asks,
            recipient,
        }
    }
}

/// The name of an account, as its budget of a channel knows it.
pub fn account_name(channel: Channel, user: UserId) -> String {
    format!("{} {user}", channel.name())
}

/// The name of an account, as its budget of a day knows it. Messages to the own
/// mailbox of an account that nobody owns yet count apart, so a squatter uses
/// nothing up that the owner needs after a reset.
pub fn account_day_name(user: UserId, unowned_mailbox: bool) -> String {
    match unowned_mailbox {
        true => format!("unowned {user}"),
        false => user.to_string(),
    }
}

/// The number of the day of UTC that contains this time.
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
