//! Acts of operators. Each act is an event, and the transaction of the change
//! writes the act. So every change has a record. An act stays for 90 days, also
//! after its user is deleted.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::Timestamp;
use crate::domain::events::event::{Event, Happened, KeptFor, OperatorAct};
use crate::domain::events::kind::EventKind;
use crate::domain::id::UserId;
use crate::failure::Broken;
use crate::store::administration::event::{KEPT_SECONDS, event_key};
use crate::store::item::{NewItem, TTL_ATTRIBUTE, number, text};
use crate::store::table::Store;
use crate::store::write::put_part;

/// What the subject of an act upon a client begins with.
const CLIENT: &str = "client ";

/// The partition of every act, whatever the act is upon: `EVENTS#acts`.
pub const EVERY_ACT: &str = "acts";

/// What an operator did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The identifier of the act's event.
    pub id: String,
    /// What was done, in the words of the command.
    pub what: String,
    /// The subject of the act: the user's identifier, `client ID`, `keys KIND` or
    /// `destination HASH`, or the command if the act is upon many users.
    pub subject: String,
    /// The key that was made or retired: the `kid` of a pair, or the name of a data key.
    pub key: Option<String>,
    /// The operator's name, as given to the tool.
    pub by: String,
    /// The reason, if the command asks for one.
    pub reason: Option<String>,
    /// The time of the act.
    pub at: Timestamp,
}

impl Act {
    /// The kind of the act's event.
    pub fn kind(&self) -> EventKind {
        match self.what.as_str() {
            "user unlock" => EventKind::AccountUnlocked,
            "user delete" => EventKind::UserDeleted,
            "user reset-factors" => EventKind::FactorRemoved,
            "keys rotate" => EventKind::KeyMade,
            "keys retire" => EventKind::KeyRetired,
            _ => EventKind::OperatorActed,
        }
    }

    /// The subject of an act upon this client.
    pub fn subject_of_client(client: &str) -> String {
        format!("{CLIENT}{client}")
    }

    /// The event of the act. The table has the same members as the bus.
    pub fn event(&self) -> Event {
        Event {
            id: self.id.clone(),
            at: self.at,
            outcome: Happened {
                kind: self.kind(),
                reason: None,
                counted: None,
                also: Vec::new(),
                kept: KeptFor::Nobody,
            },
            user: UserId::parse(&self.subject),
            client: self.subject.strip_prefix(CLIENT).map(str::to_owned),
            factor: None,
            session: None,
            key: self.key.clone(),
            act: Some(OperatorAct {
                what: self.what.clone(),
                by: self.by.clone(),
                why: self.reason.clone(),
            }),
            origin: None,
        }
    }

    /// What the act is upon, in one word for the list of all acts.
    fn upon(&self, event: &Event) -> Option<String> {
        let user = event.user.map(|user| user.dashed());
        let named = user.or(event.client.clone()).or(event.key.clone());
        named.or(Some(self.subject.clone()).filter(|subject| *subject != self.what))
    }
}

impl Store {
    /// At most `most` acts upon this user or client, the newest first.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn list_acts(&self, subject: &str, most: usize) -> Result<Vec<Act>, Broken> {
        let mut acts = Vec::new();
        let mut start = None;
        loop {
            let page = self.list_events(subject, true, start, 100).await?;
            for event in page.events {
                if let (Some(what), Some(by)) = (event.get("act"), event.get("by")) {
                    acts.push(Act {
                        id: event.get("log_id").unwrap_or_default().to_owned(),
                        what: what.to_owned(),
                        subject: subject.to_owned(),
                        key: event.get("key_id").map(str::to_owned),
                        by: by.to_owned(),
                        reason: event.get("why").map(str::to_owned),
                        at: event.at,
                    });
                }
            }
            start = page.next;
            if start.is_none() || acts.len() >= most {
                acts.truncate(most);
                return Ok(acts);
            }
        }
    }

    /// Stores an act that changes nothing else in the table. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn keep_act(&self, act: &Act) -> Result<(), Broken> {
        let parts = self.act_parts(act)?.into();
        self.transact("keep an act", parts).await.map(|_| ())
    }

    /// The parts of a transaction that store the act: among the events of the act's
    /// subject, and among all acts.
    pub(in crate::store) fn act_parts(&self, act: &Act) -> Result<[TransactWriteItem; 2], Broken> {
        let event = act.event();
        let item = |subject: &str| {
            let mut item = NewItem::at(&event_key(subject, act.at, &act.id))
                .with("at", number(act.at))
                .with(TTL_ATTRIBUTE, number(act.at + KEPT_SECONDS));
            for (name, value) in event.members() {
                item = item.with(name, text(value));
            }
            item
        };
        let listed = item(EVERY_ACT).maybe("subject", act.upon(&event).map(text));
        Ok([
            put_part(&self.table, item(&act.subject).0)?,
            put_part(&self.table, listed.0)?,
        ])
    }
}
