//! Acts of operators. Each act is an event, and the transaction of the change
//! writes the act. So every change has a record. An act stays for 90 days, also
//! after its user is deleted.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::Timestamp;
use crate::domain::events::kind::{About, EventKind};
use crate::failure::Broken;
use crate::store::administration::event::{KEPT_SECONDS, event_key};
use crate::store::item::{NewItem, TTL_ATTRIBUTE, number, text};
use crate::store::table::Store;
use crate::store::write::put_part;

/// What an operator did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The identifier of the act's event.
    pub id: String,
    /// What was done, in the words of the command.
    pub what: String,
    /// The subject of the act: the user's identifier, or `client ID`.
    pub subject: String,
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
            _ => EventKind::OperatorActed,
        }
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

    /// Stores an act that changes nothing else in the table. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn keep_act(&self, act: &Act) -> Result<(), Broken> {
        let parts = vec![self.act_part(act)?];
        self.transact("keep an act", parts).await.map(|_| ())
    }

    /// The part of a transaction that stores the act.
    pub(in crate::store) fn act_part(&self, act: &Act) -> Result<TransactWriteItem, Broken> {
        let kind = act.kind();
        let item = NewItem::at(&event_key(&act.subject, act.at, &act.id))
            .with("log_id", text(&act.id))
            .with("type", text(kind.code(About::default())))
            .with("event", text(kind.name()))
            .with("act", text(&act.what))
            .with("by", text(&act.by))
            .maybe("why", act.reason.as_ref().map(text))
            .with("at", number(act.at))
            .with(TTL_ATTRIBUTE, number(act.at + KEPT_SECONDS));
        put_part(&self.table, item.0)
    }
}
