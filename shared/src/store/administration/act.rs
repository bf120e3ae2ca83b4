//! Acts of operators. Each act is an event, and the transaction of the change
//! writes the act. So every change has a record. An act stays for 90 days, also
//! after its user is deleted.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::Timestamp;
use crate::domain::events::event::{Event, Happened, KeptFor, OperatorAct};
use crate::domain::events::kind::EventKind;
use crate::domain::events::operator_command::{ActSubject, OperatorCommand};
use crate::failure::Broken;
use crate::store::administration::event::{KEPT_SECONDS, event_key};
use crate::store::item::{NewItem, TTL_ATTRIBUTE, number_value, text_value};
use crate::store::table::Store;
use crate::store::write::put_part;

/// The partition of every act, whatever the act is upon: `EVENTS#acts`.
pub const EVERY_ACT: &str = "acts";

/// What an operator did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The identifier of the act's event.
    pub id: String,
    /// What was done.
    pub what: OperatorCommand,
    pub subject: ActSubject,
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
    /// The event of the act. The table has the same members as the bus.
    pub fn event(&self) -> Event {
        Event {
            id: self.id.clone(),
            at: self.at,
            outcome: Happened {
                kind: self.what.kind(),
                reason: None,
                also: self.what.other_kinds().to_vec(),
                kept: KeptFor::Nobody,
                by_day: false,
            },
            user: self.subject.user(),
            client: self.subject.client().map(str::to_owned),
            factor: None,
            session: None,
            key: self.key.clone(),
            act: Some(OperatorAct {
                what: self.what.name().to_owned(),
                by: self.by.clone(),
                why: self.reason.clone(),
                failed: None,
            }),
            origin: None,
        }
    }

    /// The event that says that this act was announced and could not be stored. `id` is the
    /// identifier of that event.
    pub fn failure_event(&self, id: String) -> Event {
        let mut event = self.event();
        event.outcome.kind = EventKind::ActFailed;
        let announced = std::mem::replace(&mut event.id, id);
        event.act = event.act.map(|act| OperatorAct {
            failed: Some(announced),
            ..act
        });
        event
    }
}

/// An act as the table has it. A newer version may have stored commands that this version does
/// not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAct {
    /// What was done, in the words of the command.
    pub what: String,
    /// The operator's name, as given to the tool.
    pub by: String,
    /// The reason, if the command asks for one.
    pub reason: Option<String>,
    /// The time of the act.
    pub at: Timestamp,
}

impl Store {
    /// At most `most` acts upon the subject that is listed under this name, the newest first.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn list_acts(&self, subject: &str, most: usize) -> Result<Vec<KeptAct>, Broken> {
        let mut acts = Vec::new();
        let mut start = None;
        loop {
            let page = self.list_events(subject, true, start, 100).await?;
            for event in page.events {
                if let (Some(what), Some(by)) = (event.get("act"), event.get("by")) {
                    acts.push(KeptAct {
                        what: what.to_owned(),
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

    /// Whether the table has this act.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn has_act(&self, act: &Act) -> Result<bool, Broken> {
        let key = event_key(EVERY_ACT, act.at, &act.id);
        Ok(self.read(&key).await?.is_some())
    }

    /// The parts of a transaction that store the act: among the events of the act's
    /// subject, and among all acts.
    pub(in crate::store) fn act_parts(&self, act: &Act) -> Result<[TransactWriteItem; 2], Broken> {
        let event = act.event();
        let item = |subject: &str| {
            let mut item = NewItem::of_key(&event_key(subject, act.at, &act.id))
                .with("at", number_value(act.at))
                .with(TTL_ATTRIBUTE, number_value(act.at + KEPT_SECONDS));
            for (name, value) in event.members() {
                item = item.with(name, text_value(value));
            }
            item
        };
        let subject = act.subject.in_list(act.key.as_deref());
        let listed = item(EVERY_ACT).maybe("subject", subject.map(text_value));
        Ok([
            put_part(&self.table, item(&act.subject.listed_as()).0)?,
            put_part(&self.table, listed.0)?,
        ])
    }
}
