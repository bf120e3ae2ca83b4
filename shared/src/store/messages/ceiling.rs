//! The daily ceilings of text messages. Each is charged by a single conditional
//! write, because many senders meet there and would cancel each other's
//! transactions.

use crate::domain::Timestamp;
use crate::domain::messages::payers::{Limit, Payer, next_day};
use crate::failure::{Broken, Failure};
use crate::store::item::Item;
use crate::store::messages::payers::exhausted;
use crate::store::messages::rows::daily;
use crate::store::table::Store;
use crate::store::write::Written;

impl Store {
    /// Charges one message to a ceiling. Returns how many per cent of the
    /// ceiling are used up now. One write.
    ///
    /// # Errors
    /// `SendsExhausted`; `Broken` if DynamoDB does not answer.
    pub async fn charge_ceiling(&self, ceiling: &Payer, now: Timestamp) -> Result<i64, Failure> {
        let Limit::Day(most) = ceiling.limit else {
            return Err(Broken::internal("the limit of a ceiling is not a daily limit").into());
        };
        let (change, _) = daily(ceiling.row.name(), &ceiling.who, most, now);
        match self.change(change).await? {
            Written::Done(item) => {
                let used: i64 = Item(&item).number("n")?;
                Ok(100 * used / most.max(1))
            }
            Written::Refused(_) => Err(exhausted(ceiling.row, most, next_day(now)).into()),
        }
    }

    /// Gives one message back to a ceiling that was charged at `at`. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn give_ceiling_back(&self, ceiling: &Payer, at: Timestamp) -> Result<(), Broken> {
        let (_, refund) = daily(ceiling.row.name(), &ceiling.who, 0, at);
        self.change(refund).await.map(|_| ())
    }
}
