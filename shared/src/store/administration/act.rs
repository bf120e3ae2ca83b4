//! Acts of operators. Each act is written in the transaction of its change, so
//! no change is made that nobody can find later. An act stays for 90 days, also
//! after its user is deleted.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::Timestamp;
use crate::failure::Broken;
use crate::store::item::{Closed, Item, Key, NewItem, TTL_ATTRIBUTE, number, text};
use crate::store::write::put_part;
use crate::store::{Store, broken};

/// How long an act is kept, in seconds.
const KEPT_SECONDS: i64 = 90 * 86_400;

/// What an operator did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The command that was carried out.
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

fn partition(subject: &str) -> String {
    format!("ACTS#{subject}")
}

fn read(item: Item<'_>) -> Result<Act, Broken> {
    Ok(Act {
        what: item.text("what")?.to_owned(),
        subject: item.text("subject")?.to_owned(),
        by: item.text("by")?.to_owned(),
        reason: item.owned("reason")?,
        at: item.number("at")?,
    })
}

impl Store {
    /// The acts upon this user or client, the newest first.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn list_acts(&self, subject: &str) -> Result<Vec<Act>, Broken> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .scan_index_forward(false)
            .key_condition_expression("PK = :acts")
            .expression_attribute_values(":acts", text(partition(subject)))
            .send()
            .await
            .map_err(|error| broken("list acts", &error))?;
        let items = found.items.unwrap_or_default();
        let acts = items
            .iter()
            .filter_map(|item| read(Item(item)).newer("an act"));
        Ok(acts.collect())
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
        let id = uuid::Uuid::new_v4().simple();
        let key = Key::new(partition(&act.subject), format!("ACT#{:012}#{id}", act.at));
        let item = NewItem::at(&key)
            .with("what", text(&act.what))
            .with("subject", text(&act.subject))
            .with("by", text(&act.by))
            .maybe("reason", act.reason.as_ref().map(text))
            .with("at", number(act.at))
            .with(TTL_ATTRIBUTE, number(act.at + KEPT_SECONDS));
        put_part(&self.table, item.0)
    }
}
