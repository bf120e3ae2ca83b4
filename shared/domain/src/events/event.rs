//! An event.

use std::net::IpAddr;

use crate::device::Device;
use crate::events::kind::{About, EventKind};
use crate::events::reason::{CountedRefusal, Reason};
use crate::factors::factor::Method;
use crate::id::{SessionId, UserId};
use crate::login::throttle::network_of;
use crate::{Dialect, Timestamp};

/// The outcome of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    pub kind: EventKind,
    pub reason: Option<Reason>,
    /// The other outcomes of the request.
    pub also: Vec<EventKind>,
    /// Which partition of the table keeps the event.
    pub kept: KeptFor,
    /// Whether the table counts such events of a day in one item, because a caller can repeat
    /// the request at no cost.
    pub by_day: bool,
}

impl Happened {
    /// The refusal, if the metrics count it by a name of its own.
    pub fn counted(&self) -> Option<CountedRefusal> {
        self.reason.and_then(|reason| reason.counted)
    }
}

/// Which partition of the table keeps an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptFor {
    /// The partition of this user, for 90 days.
    User(UserId),
    /// The name is unknown. The event is stored under the identifier derived from that name.
    Pretence(UserId),
    /// The event is not kept.
    Nobody,
}

/// The request that an event comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The system whose words the client speaks.
    pub dialect: Dialect,
    /// The network, as the service counts it.
    pub network: IpAddr,
    /// The kind of device.
    pub device: Device,
    pub request_id: String,
}

impl Origin {
    /// A request from this address. An event has the network only.
    pub fn of(
        dialect: Dialect,
        address: IpAddr,
        device: Device,
        request_id: impl Into<String>,
    ) -> Self {
        Self {
            dialect,
            network: network_of(address),
            device,
            request_id: request_id.into(),
        }
    }
}

/// What an operator did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorAct {
    /// What was done, in the words of the command.
    pub what: String,
    /// The operator, as the caller of the tool named the operator.
    pub by: String,
    /// The reason, if the command asks for a reason.
    pub why: Option<String>,
    /// The identifier of the act's own event, if this event says that the act failed.
    pub failed: Option<String>,
}

/// An event. An event has no secret, and no text that a caller chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: String,
    pub at: Timestamp,
    pub outcome: Happened,
    pub user: Option<UserId>,
    /// The client, if the client exists.
    pub client: Option<String>,
    /// The kind of factor.
    pub factor: Option<Method>,
    pub session: Option<SessionId>,
    /// The key, by its identifier or its purpose.
    pub key: Option<String>,
    /// The act, if an operator did it.
    pub act: Option<OperatorAct>,
    /// The request. `None` if the service did something without a request.
    pub origin: Option<Origin>,
}

impl Event {
    fn code_of(&self, kind: EventKind) -> &'static str {
        kind.type_code(About {
            factor: self.factor,
            refusal: self.outcome.counted(),
            user_known: self.user.is_some(),
        })
    }

    /// The `type`: Auth0's log code, or a word of our own where Auth0 has no code.
    pub fn type_code(&self) -> &'static str {
        self.code_of(self.outcome.kind)
    }

    /// The codes of the other outcomes of the request.
    pub fn other_codes(&self) -> Vec<&'static str> {
        let also = self.outcome.also.iter();
        also.map(|kind| self.code_of(*kind)).collect()
    }

    /// Every member of the event except its time and `also`. A member has the same name in the
    /// log, in the table and on the bus. If Auth0 has a name for the member, it is Auth0's name.
    pub fn members(&self) -> Vec<(&'static str, String)> {
        let there = |(name, value): (&'static str, Option<String>)| Some((name, value?));
        self.all_members().into_iter().filter_map(there).collect()
    }

    /// The names of the members that this event has not, and another event may have.
    pub fn absent_members(&self) -> Vec<&'static str> {
        let all = self.all_members().into_iter();
        let absent = all.filter(|(_, value)| value.is_none());
        absent.map(|(name, _)| name).collect()
    }

    fn all_members(&self) -> [(&'static str, Option<String>); 17] {
        let (origin, act) = (self.origin.as_ref(), self.act.as_ref());
        let reason = self.outcome.reason;
        [
            ("log_id", Some(self.id.clone())),
            ("type", Some(self.type_code().to_owned())),
            ("event", Some(self.outcome.kind.name().to_owned())),
            ("reason", reason.map(|reason| reason.name.to_owned())),
            ("user_id", self.user.map(|user| user.dashed())),
            ("client_id", self.client.clone()),
            ("factor", self.factor.map(|factor| factor.name().to_owned())),
            ("session_id", self.session.map(|session| session.dashed())),
            ("key_id", self.key.clone()),
            ("act", act.map(|act| act.what.clone())),
            ("by", act.map(|act| act.by.clone())),
            ("why", act.and_then(|act| act.why.clone())),
            ("act_id", act.and_then(|act| act.failed.clone())),
            ("ip", origin.map(|origin| origin.network.to_string())),
            (
                "device",
                origin.map(|origin| origin.device.name().to_owned()),
            ),
            (
                "dialect",
                origin.map(|origin| origin.dialect.name().to_owned()),
            ),
            ("request_id", origin.map(|origin| origin.request_id.clone())),
        ]
    }
}
