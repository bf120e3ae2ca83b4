//! The dimensions of metrics, and the closed set of values of each. No value comes from the
//! text of a caller, and no value names a user, a client or a network.

use std::collections::BTreeSet;

use crate::events::kind::EventKind;
use crate::factors::factor::{Channel, Method};
use crate::function_name::{FUNCTION_NAMES, NO_FUNCTION};
use crate::messages::numbering_plans::{plan_countries, plan_of};
use crate::messages::payers::Row;

/// A dimension of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    Function,
    Factor,
    Refusal,
    Event,
    Channel,
    Country,
    Message,
    Budget,
    KeyKind,
    Place,
}

/// What a login was refused for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginRefusal {
    /// A wrong password of a known name.
    PasswordWrong,
    NameUnknown,
    /// Too many wrong passwords for the name.
    NameLocked,
    /// Too many wrong passwords from the network.
    NetworkLocked,
    CodeWrong,
    /// Too many wrong codes of the user.
    CodesLocked,
    /// Anything else: a client, a scope, a token that is over.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    Code,
    Link,
    /// Tells a user of a lockout.
    Lockout,
    /// Tells a user of a change.
    Notice,
}

/// The country of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Country {
    /// The country of a phone number.
    Of(&'static str),
    /// A phone number of no country.
    Other,
    /// The message goes to no phone number.
    None,
}

/// A budget that refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusingBudget {
    /// Wrong passwords of a name.
    Passwords,
    /// Wrong passwords of a network.
    NetworkPasswords,
    /// Wrong codes of a user.
    Codes,
    /// A hundred wrong codes of a user in a row.
    CodesClosed,
    /// Anonymous requests of a network.
    Requests,
    /// The half minute between two messages.
    CoolDown,
    Messages(Row),
}

/// A kind of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasuredKey {
    Tokens,
    Seeds,
    Signing,
    Pair,
}

/// Where an event did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostAt {
    Bus,
    Table,
}

/// A value of a dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// The function, by its name.
    Function(&'static str),
    /// The second factor of a login. `None` without a second factor.
    Factor(Option<Method>),
    Refusal(LoginRefusal),
    Event(EventKind),
    Channel(Channel),
    Country(Country),
    Message(MessageKind),
    Budget(RefusingBudget),
    KeyKind(MeasuredKey),
    Place(LostAt),
}

impl Label {
    /// The function of this name. A name that is no function's counts as `NO_FUNCTION`.
    pub fn function(name: &str) -> Self {
        let known = FUNCTION_NAMES.into_iter().find(|known| *known == name);
        Self::Function(known.unwrap_or(NO_FUNCTION))
    }

    /// The country of a phone number.
    pub fn country(number: &str) -> Self {
        let country = plan_of(number).map(|plan| plan.country);
        Self::Country(match country.filter(|name| *name != OTHER) {
            Some(name) => Country::Of(name),
            None => Country::Other,
        })
    }

    pub fn dimension(self) -> Dimension {
        match self {
            Self::Function(_) => Dimension::Function,
            Self::Factor(_) => Dimension::Factor,
            Self::Refusal(_) => Dimension::Refusal,
            Self::Event(_) => Dimension::Event,
            Self::Channel(_) => Dimension::Channel,
            Self::Country(_) => Dimension::Country,
            Self::Message(_) => Dimension::Message,
            Self::Budget(_) => Dimension::Budget,
            Self::KeyKind(_) => Dimension::KeyKind,
            Self::Place(_) => Dimension::Place,
        }
    }

    /// The text in CloudWatch.
    pub fn value(self) -> &'static str {
        match self {
            Self::Function(name) => name,
            Self::Factor(factor) => factor.map_or(NONE, Method::name),
            Self::Refusal(refusal) => match refusal {
                LoginRefusal::PasswordWrong => "credentials_wrong",
                LoginRefusal::NameUnknown => "name_unknown",
                LoginRefusal::NameLocked => "name_locked",
                LoginRefusal::NetworkLocked => "network_locked",
                LoginRefusal::CodeWrong => "code_wrong",
                LoginRefusal::CodesLocked => "codes_locked",
                LoginRefusal::Other => OTHER,
            },
            Self::Event(kind) => kind.name(),
            Self::Channel(channel) => channel.name(),
            Self::Country(country) => match country {
                Country::Of(name) => name,
                Country::Other => OTHER,
                Country::None => NONE,
            },
            Self::Message(kind) => match kind {
                MessageKind::Code => "code",
                MessageKind::Link => "link",
                MessageKind::Lockout => "lockout",
                MessageKind::Notice => "notice",
            },
            Self::Budget(budget) => match budget {
                RefusingBudget::Passwords => "passwords",
                RefusingBudget::NetworkPasswords => "network-passwords",
                RefusingBudget::Codes => "codes",
                RefusingBudget::CodesClosed => "codes-closed",
                RefusingBudget::Requests => "requests",
                RefusingBudget::CoolDown => "cool-down",
                RefusingBudget::Messages(row) => row.name(),
            },
            Self::KeyKind(kind) => match kind {
                MeasuredKey::Tokens => "tokens",
                MeasuredKey::Seeds => "seeds",
                MeasuredKey::Signing => "signing",
                MeasuredKey::Pair => "pair",
            },
            Self::Place(place) => match place {
                LostAt::Bus => "bus",
                LostAt::Table => "table",
            },
        }
    }
}

const OTHER: &str = "other";
const NONE: &str = "none";

impl Dimension {
    /// All dimensions.
    pub const ALL: [Self; 10] = [
        Self::Function,
        Self::Factor,
        Self::Refusal,
        Self::Event,
        Self::Channel,
        Self::Country,
        Self::Message,
        Self::Budget,
        Self::KeyKind,
        Self::Place,
    ];

    /// The name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            Self::Function => "Function",
            Self::Factor => "Factor",
            Self::Refusal => "Refusal",
            Self::Event => "Event",
            Self::Channel => "Channel",
            Self::Country => "Country",
            Self::Message => "Message",
            Self::Budget => "Budget",
            Self::KeyKind => "KeyKind",
            Self::Place => "Place",
        }
    }

    /// Every value that the dimension can have.
    pub fn values(self) -> BTreeSet<&'static str> {
        match self {
            Self::Function => BTreeSet::from(FUNCTION_NAMES),
            Self::Factor => {
                let named = Method::ALL.map(|method| Label::Factor(Some(method)));
                values(named).chain([NONE]).collect()
            }
            Self::Refusal => values([
                Label::Refusal(LoginRefusal::PasswordWrong),
                Label::Refusal(LoginRefusal::NameUnknown),
                Label::Refusal(LoginRefusal::NameLocked),
                Label::Refusal(LoginRefusal::NetworkLocked),
                Label::Refusal(LoginRefusal::CodeWrong),
                Label::Refusal(LoginRefusal::CodesLocked),
                Label::Refusal(LoginRefusal::Other),
            ])
            .collect(),
            Self::Event => {
                let refused = EventKind::ALL.iter().filter(|kind| kind.is_refusal());
                values(refused.map(|kind| Label::Event(*kind))).collect()
            }
            Self::Channel => values(Channel::ALL.map(Label::Channel)).collect(),
            Self::Country => plan_countries().chain([OTHER, NONE]).collect(),
            Self::Message => values([
                Label::Message(MessageKind::Code),
                Label::Message(MessageKind::Link),
                Label::Message(MessageKind::Lockout),
                Label::Message(MessageKind::Notice),
            ])
            .collect(),
            Self::Budget => {
                let others = [
                    RefusingBudget::Passwords,
                    RefusingBudget::NetworkPasswords,
                    RefusingBudget::Codes,
                    RefusingBudget::CodesClosed,
                    RefusingBudget::Requests,
                    RefusingBudget::CoolDown,
                ];
                let rows = Row::ALL.map(RefusingBudget::Messages);
                values(others.into_iter().chain(rows).map(Label::Budget)).collect()
            }
            Self::KeyKind => values([
                Label::KeyKind(MeasuredKey::Tokens),
                Label::KeyKind(MeasuredKey::Seeds),
                Label::KeyKind(MeasuredKey::Signing),
                Label::KeyKind(MeasuredKey::Pair),
            ])
            .collect(),
            Self::Place => {
                values([Label::Place(LostAt::Bus), Label::Place(LostAt::Table)]).collect()
            }
        }
    }
}

fn values(labels: impl IntoIterator<Item = Label>) -> impl Iterator<Item = &'static str> {
    labels.into_iter().map(Label::value)
}
