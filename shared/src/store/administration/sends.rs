//! What a destination has used of the budgets of messages.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::Timestamp;
use crate::domain::messages::payers::{Payer, day_of};
use crate::failure::Broken;
use crate::store::administration::act::Act;
use crate::store::item::{Item, Key};
use crate::store::messages::rows::{first_asks_keys, row_key};
use crate::store::table::Store;
use crate::store::write::delete_part;

/// The state of one budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    pub payer: Payer,
    /// Messages that were counted today, for a daily budget.
    pub today: Option<i64>,
    /// For a budget that refills: when the budget is full again.
    pub full_at: Option<Timestamp>,
    /// When the last message went out, if the budget knows.
    pub last_at: Option<Timestamp>,
    /// Messages of today that did not draw on the budget, because a network asked
    /// for the first time. `None` for a budget without first asks.
    pub first_asks: Option<i64>,
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
        let asks = payers.iter().flat_map(|payer| first_asks_keys(payer, now));
        let all: Vec<Key> = keys.iter().cloned().chain(asks).collect();
        let items = self.read_batch(&all).await?;
        let mut read = Vec::new();
        for (payer, key) in payers.iter().zip(&keys) {
            let item = items.iter().map(Item).find(|item| item.stands_at(key));
            let number = |name| match item {
                Some(item) => item.maybe_number(name),
                None => Ok(None),
            };
            let mut first_asks = None;
            for key in first_asks_keys(payer, now) {
                let count = items.iter().map(Item).find(|item| item.stands_at(&key));
                let count = count.map_or(Ok(None), |item| item.maybe_number("n"))?;
                first_asks = Some(first_asks.unwrap_or(0) + count.unwrap_or(0));
            }
            read.push(Used {
                payer: payer.clone(),
                today: number("n")?,
                full_at: number("tat")?,
                last_at: number("last_at")?,
                first_asks,
            });
        }
        Ok(read)
    }

    /// Resets these budgets to full, and forgets today's first asks. One transaction,
    /// which also stores the act.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn open_budgets(&self, payers: &[Payer], act: &Act) -> Result<(), Broken> {
        let keys = payers.iter().flat_map(|payer| {
            let mut keys = first_asks_keys(payer, act.at);
            keys.push(key_of(payer, act.at));
            keys
        });
        let deletes = keys.map(|key| delete_part(&self.table, &key));
        let mut parts: Vec<TransactWriteItem> = deletes.collect::<Result<_, _>>()?;
        parts.extend(self.act_parts(act)?);
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
    row_key(payer.row.name(), &who)
}
