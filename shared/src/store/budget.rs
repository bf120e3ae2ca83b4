//! Budgets of destinations. They are kept under hashes, apart from users,
//! because anybody may spend them.

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::Store;
use super::item::{Attributes, Item, KEPT_AFTER_EXPIRY, Key, number, text};
use super::write::{Change, Written};
use crate::domain::Timestamp;
use crate::domain::code::COOL_DOWN_SECONDS;
use crate::domain::refusal::Refusal;
use crate::domain::throttle::Budget;
use crate::failure::Broken;

/// The budget of a destination.
pub struct SendBudget {
    /// Hash of channel and address.
    pub destination: String,
    /// How many sends.
    pub budget: Budget,
}

pub(super) fn key(what: &str, who: &str) -> Key {
    Key::new(format!("BUDGET#{what}#{who}"), "BUDGET")
}

impl SendBudget {
    fn key(&self) -> Key {
        key("destination", &self.destination)
    }

    /// The part of a transaction that charges one send. `in_use` says that the
    /// budget is known to be.
    pub(super) fn charge_part(
        &self,
        table: &str,
        in_use: bool,
        by: &str,
        now: Timestamp,
    ) -> Result<TransactWriteItem, Broken> {
        self.charge(in_use, now)
            .set("#written_by = :by")
            .value(":by", text(by))
            .into_part(table)
    }

    fn charge(&self, in_use: bool, now: Timestamp) -> Change {
        let cool = "(attribute_not_exists(#last_at) OR #last_at <= :cooled)";
        let interval = self.budget.interval;
        let change = if in_use {
            Change::of(
                self.key(),
                format!("#tat > :now AND #tat <= :latest AND {cool}"),
            )
            .set("#tat = #tat + :interval")
            .value(":latest", number(self.budget.latest(now)))
            .value(":interval", number(interval))
        } else {
            let idle = "(attribute_not_exists(#tat) OR #tat <= :now)";
            Change::of(self.key(), format!("{idle} AND {cool}"))
                .set("#tat = :next")
                .value(":next", number(now + interval))
        };
        change
            .set("#last_at = :now")
            .set("#ttl = :ttl")
            .value(":now", number(now))
            .value(":cooled", number(now - COOL_DOWN_SECONDS))
            .value(
                ":ttl",
                number(now + self.budget.burst * interval + KEPT_AFTER_EXPIRY),
            )
    }

    /// Gives a charge back if nobody has charged since.
    pub(super) fn refund(&self, by: &str) -> Change {
        Change::of(self.key(), "#written_by = :by")
            .set("#tat = #tat - :interval")
            .remove("#last_at")
            .value(":by", text(by))
            .value(":interval", number(self.budget.interval))
    }

    /// Why a charge was refused, or `None` if the other form should be tried.
    pub(super) fn refusal(
        &self,
        item: &Attributes,
        now: Timestamp,
    ) -> Result<Option<Refusal>, Broken> {
        let item = Item(item);
        let last: Timestamp = item.maybe_number("last_at")?.unwrap_or(0);
        if last + COOL_DOWN_SECONDS > now {
            return Ok(Some(Refusal::SendTooSoon {
                retry_at: last + COOL_DOWN_SECONDS,
            }));
        }
        let tat: Timestamp = item.maybe_number("tat")?.unwrap_or(0);
        let retry_at = self.budget.allowed_at(tat);
        Ok((retry_at > now).then_some(Refusal::SendsExhausted { retry_at }))
    }
}

/// A send that was charged by itself, with what is needed to take it back.
#[derive(Debug)]
pub struct ChargedSend(String);

impl Store {
    /// Charges one send whose budget allows one at a time. `None` if it was
    /// made a while ago. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn charge_send(
        &self,
        budget: &SendBudget,
        now: Timestamp,
    ) -> Result<Option<ChargedSend>, Broken> {
        match self.change(budget.charge(false, now)).await? {
            Written::Done(item) => {
                let by = Item(&item).text("written_by")?.to_owned();
                Ok(Some(ChargedSend(by)))
            }
            Written::Refused(_) => Ok(None),
        }
    }

    /// Takes back a send that was not made. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn take_send_back(
        &self,
        budget: &SendBudget,
        charged: &ChargedSend,
    ) -> Result<(), Broken> {
        self.change(budget.refund(&charged.0)).await.map(|_| ())
    }
}
