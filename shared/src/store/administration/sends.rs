//! What a destination has used of the budgets of messages.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::Timestamp;
use crate::domain::messages::payers::{Payer, day_of};
use crate::failure::Broken;
use crate::store::Store;
use crate::store::administration::act::Act;
use crate::store::item::{Item, Key};
use crate::store::messages::payers::key;
use crate::store::write::delete_part;

/// The state of one budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The budget.
    pub payer: Payer,
    /// Messages that were counted today, for a daily budget.
    pub today: Option<i64>,
    /// For a budget that refills: when the budget is full again.
    pub full_at: Option<Timestamp>,
    /// When the last message went out, if the budget knows.
    pub last_at: Option<Timestamp>,
}

impl Store {
    /// The state of these budgets. One batch read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn read_budgets(
        &self,
        payers: &[Payer],
        now: Timestamp,
    ) -> Result<Vec<Used>, Broken> {
        let keys: Vec<Key> = payers.iter().map(|payer| key_of(payer, now)).collect();
        let items = self.read_batch(&keys).await?;
        let mut read = Vec::new();
        for (payer, key) in payers.iter().zip(&keys) {
            let item = items.iter().map(Item).find(|item| item.is_at(key));
            let number = |name| match item {
                Some(item) => item.maybe_number(name),
                None => Ok(None),
            };
            read.push(Used {
                payer: payer.clone(),
                today: number("n")?,
                full_at: number("tat")?,
                last_at: number("last_at")?,
            });
        }
        Ok(read)
    }

    /// Resets these budgets to full. One transaction, which also stores the act.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn open_budgets(&self, payers: &[Payer], act: &Act) -> Result<(), Broken> {
        let deletes = payers
            .iter()
            .map(|payer| delete_part(&self.table, &key_of(payer, act.at)));
        let mut parts: Vec<TransactWriteItem> = deletes.collect::<Result<_, _>>()?;
        parts.push(self.act_part(act)?);
        self.transact("open budgets", parts).await.map(|_| ())
    }
}

/// The key of a payer's budget. A daily budget has an item for each day.
fn key_of(payer: &Payer, now: Timestamp) -> Key {
    use crate::domain::messages::payers::Limit;
    let who = match payer.limit {
        Limit::Day(_) => format!("{}#{}", payer.who, day_of(now)),
        Limit::Steady { .. } | Limit::Open { .. } => payer.who.clone(),
    };
    key(payer.row.name(), &who)
}
