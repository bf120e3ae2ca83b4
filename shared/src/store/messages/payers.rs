//! Charges the payers of a message, all or none, in the transaction that
//! records the send. Gives the charges back if the message did not go out. The
//! items stand apart from users, because anybody may spend them.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::Timestamp;
use crate::domain::factors::sent_code::COOL_DOWN_SECONDS;
use crate::domain::login::throttle::Budget;
use crate::domain::messages::payers::{Bill, Limit, Payer, Row, day_of, next_day};
use crate::domain::refusal::Refusal;
use crate::failure::{Broken, Failure};
use crate::store::item::{Attributes, Item, KEPT_AFTER_EXPIRY, number_value, text_value};
use crate::store::messages::recipient::{kept_when_full, noting_recipient};
use crate::store::messages::rows::{daily, first_asks_name, row_key};
use crate::store::table::Store;
use crate::store::write::{Change, Transacted};

/// How often a send is tried. The service retries for each budget in use, and after a
/// conflict with another send.
pub(in crate::store) const ATTEMPTS: u32 = 6;

/// The charges of a send, with the data to give them back.
#[derive(Debug)]
pub struct Charged {
    refunds: Vec<Change>,
}

/// The charges of a bill, in the forms that the items seem to need. A budget that
/// refills has one form if it is idle and another if it is in use. A first ask is not
/// charged to the destination; any other ask is. Each try chooses the forms by the
/// result of the previous try.
pub(in crate::store) struct Charging<'a> {
    bill: &'a Bill,
    by: String,
    now: Timestamp,
    /// The form of each payer's charge.
    forms: Vec<Form>,
    /// The writes of the last try.
    tried: Vec<Part>,
}

#[derive(Clone, Copy)]
struct Form {
    in_use: bool,
    beside: bool,
}

/// One write of a charge.
struct Part {
    payer: usize,
    what: What,
    change: Change,
    refund: Change,
}

/// What a write of a charge changes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Budget,
    /// The note that this network has asked for this destination today.
    FirstAsk,
    /// The count of first asks for this destination today.
    FirstAsks,
    /// The cool-down of this network's asks for this destination.
    AskAgain,
}

impl<'a> Charging<'a> {
    pub fn of(bill: &'a Bill, now: Timestamp) -> Self {
        let form = Form {
            in_use: false,
            beside: true,
        };
        Self {
            bill,
            by: uuid::Uuid::new_v4().simple().to_string(),
            now,
            forms: vec![form; bill.payers.len()],
            tried: Vec::new(),
        }
    }

    /// The parts of a transaction that charge every payer, for the next try.
    pub fn parts(&mut self, table: &str) -> Result<Vec<TransactWriteItem>, Broken> {
        self.tried = self.written();
        let changes = self.tried.iter().map(|part| part.change.clone());
        changes.map(|change| change.into_part(table)).collect()
    }

    /// The charges, once the transaction is done.
    pub fn done(self) -> Charged {
        let refunds = self.tried.into_iter().map(|part| part.refund);
        Charged {
            refunds: refunds.collect(),
        }
    }

    /// Learns why a part was refused: the refusal, or `None` if another form should be tried.
    pub fn learn(&mut self, part: usize, item: &Attributes) -> Result<Option<Refusal>, Broken> {
        let Some(Part { payer, what, .. }) = self.tried.get(part) else {
            return Err(Broken::internal("the refused part of a charge is unknown"));
        };
        let (Some(form), Some(charged)) =
            (self.forms.get_mut(*payer), self.bill.payers.get(*payer))
        else {
            return Err(Broken::internal("the payer of a charge is unknown"));
        };
        let cooling = cooling(item, self.now)?;
        match (what, charged.limit) {
            (What::FirstAsk, _) => {
                form.beside = false;
                Ok(cooling)
            }
            (What::AskAgain, _) => Ok(cooling),
            (What::FirstAsks, _) => {
                form.beside = false;
                Ok(None)
            }
            (What::Budget, Limit::Day(most)) => {
                Ok(Some(exhausted(charged.row, most, next_day(self.now))))
            }
            (What::Budget, Limit::Steady { budget, .. } | Limit::Open { budget, .. }) => {
                if cooling.is_some()
                    && !matches!(
                        charged.limit,
                        Limit::Steady {
                            cool_down: false,
                            ..
                        }
                    )
                {
                    return Ok(cooling);
                }
                let tat: Timestamp = Item(item).maybe_number("tat")?.unwrap_or(0);
                let retry_at = budget.allowed_at(tat);
                if retry_at > self.now {
                    return Ok(Some(exhausted(charged.row, budget.burst, retry_at)));
                }
                form.in_use = tat > self.now;
                Ok(None)
            }
        }
    }

    /// The writes, in order.
    fn written(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        for (at, (payer, form)) in self.bill.payers.iter().zip(&self.forms).enumerate() {
            let mut push = |what, (change, refund): (Change, Change)| {
                parts.push(Part {
                    payer: at,
                    what,
                    change: change
                        .set("#written_by = :by")
                        .value(":by", text_value(&self.by)),
                    refund,
                });
            };
            match payer.limit {
                Limit::Day(most) => push(
                    What::Budget,
                    daily(payer.row.name(), &payer.who, most, self.now),
                ),
                Limit::Steady { budget, cool_down } => {
                    let (change, refund) = self.steady(payer, budget, cool_down, form.in_use);
                    push(
                        What::Budget,
                        (noting_recipient(change, self.bill, payer), refund),
                    );
                }
                Limit::Open { budget, first_asks } => {
                    push(
                        if form.beside {
                            What::FirstAsk
                        } else {
                            What::AskAgain
                        },
                        self.asks(payer, form.beside),
                    );
                    if form.beside {
                        let (row, who) = first_asks_name(payer, self.bill.first_asks);
                        push(What::FirstAsks, daily(&row, &who, first_asks, self.now));
                    } else {
                        push(What::Budget, self.steady(payer, budget, true, form.in_use));
                    }
                }
            }
        }
        parts
    }

    /// One charge of a budget that refills, and the refund.
    fn steady(
        &self,
        payer: &Payer,
        budget: Budget,
        cool_down: bool,
        in_use: bool,
    ) -> (Change, Change) {
        let (now, interval) = (self.now, budget.interval);
        let key = row_key(payer.row.name(), &payer.who);
        let cool = if cool_down {
            " AND (attribute_not_exists(#last_at) OR #last_at <= :cooled)"
        } else {
            ""
        };
        let mut change = if in_use {
            Change::of(
                key.clone(),
                format!("#tat > :now AND #tat <= :latest{cool}"),
            )
            .set("#tat = #tat + :interval")
            .value(":latest", number_value(budget.latest(now)))
            .value(":interval", number_value(interval))
        } else {
            let idle = "(attribute_not_exists(#tat) OR #tat <= :now)";
            Change::of(key.clone(), format!("{idle}{cool}"))
                .set("#tat = :next")
                .value(":next", number_value(now + interval))
        };
        let mut refund = if cool_down {
            // During the cool-down, nobody else can have charged the budget. If
            // somebody has, the half minute after this charge is over.
            Change::of(key, "#written_by = :by")
                .value(":by", text_value(&self.by))
                .remove("#last_at")
        } else {
            Change::of(key, "attribute_exists(#tat)")
        };
        if cool_down {
            change = change
                .set("#last_at = :now")
                .value(":cooled", number_value(now - COOL_DOWN_SECONDS));
        }
        refund = refund
            .set("#tat = #tat - :interval")
            .set("#written_by = :nobody")
            .value(":interval", number_value(interval))
            .value(":nobody", text_value(""));
        let full = now + budget.burst * interval;
        let change = change
            .set("#ttl = :ttl")
            .value(":now", number_value(now))
            .value(":ttl", number_value(full + kept_when_full(payer.row)));
        (change, refund)
    }

    /// The note that this network asks for this destination, for the first time today or again
    /// after a cool-down; and how to forget it.
    fn asks(&self, payer: &Payer, first: bool) -> (Change, Change) {
        let (row, now) = (payer.row.name(), self.now);
        let who = format!("{}#{}#{}", payer.who, self.bill.asker, day_of(now));
        let key = row_key(&format!("{row}-first-ask"), &who);
        let change = if first {
            Change::of(key.clone(), "attribute_not_exists(#last_at)")
        } else {
            let cooled = "attribute_not_exists(#last_at) OR #last_at <= :cooled";
            Change::of(key.clone(), cooled).value(":cooled", number_value(now - COOL_DOWN_SECONDS))
        };
        let change = change
            .set("#last_at = :now")
            .set("#ttl = :ttl")
            .value(":now", number_value(now))
            .value(":ttl", number_value(next_day(now) + KEPT_AFTER_EXPIRY));
        let refund = Change::of(key, "#written_by = :by")
            .value(":by", text_value(&self.by))
            .set("#written_by = :nobody")
            .value(":nobody", text_value(""));
        let refund = if first {
            refund.remove("#last_at")
        } else {
            // The network has asked before, so neither this ask nor the next ask is a
            // first ask.
            refund
                .set("#last_at = :long_ago")
                .value(":long_ago", number_value(0))
        };
        (change, refund)
    }
}

fn cooling(item: &Attributes, now: Timestamp) -> Result<Option<Refusal>, Broken> {
    let last: Timestamp = Item(item).maybe_number("last_at")?.unwrap_or(0);
    let retry_at = last + COOL_DOWN_SECONDS;
    Ok((retry_at > now).then_some(Refusal::SendTooSoon { retry_at }))
}

pub(in crate::store) fn exhausted(row: Row, limit: i64, retry_at: Timestamp) -> Refusal {
    match row {
        Row::Network => Refusal::RequestsExhausted { retry_at },
        _ => Refusal::SendsExhausted {
            retry_at,
            row,
            limit,
            others: Vec::new(),
        },
    }
}

impl Store {
    /// Charges a message that is not recorded anywhere else. One transaction, one more if a
    /// budget is in use.
    ///
    /// # Errors
    /// `SendTooSoon`, `SendsExhausted`, `RequestsExhausted`; `Broken` if
    /// DynamoDB does not answer.
    pub async fn charge_send(&self, bill: &Bill, now: Timestamp) -> Result<Charged, Failure> {
        let mut charging = Charging::of(bill, now);
        for _ in 0..ATTEMPTS {
            let parts = charging.parts(&self.table)?;
            match self.transact("charge a message", parts).await? {
                Transacted::Done => return Ok(charging.done()),
                Transacted::Refused(refused) => {
                    for (part, item) in &refused {
                        if let Some(refusal) = charging.learn(*part, item)? {
                            return Err(refusal.into());
                        }
                    }
                }
            }
        }
        // Other requests wrote first in every attempt.
        Err(Refusal::SendTooSoon { retry_at: now + 1 }.into())
    }

    /// Gives all payers of a message their charges back, because the message did not go out. One
    /// transaction, one more if somebody has changed an item since. Then that item stays as it
    /// is.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn give_send_back(&self, charged: &Charged) -> Result<(), Broken> {
        self.undo("give a charge back", charged.refunds.clone())
            .await
    }

    /// `give_send_back` together with other changes that undo the send.
    pub(in crate::store) async fn undo_send(
        &self,
        undo: Change,
        charged: &Charged,
    ) -> Result<(), Broken> {
        let mut changes = vec![undo];
        changes.extend(charged.refunds.iter().cloned());
        self.undo("take a send back", changes).await
    }

    /// Makes the changes whose conditions hold.
    async fn undo(&self, what: &str, mut changes: Vec<Change>) -> Result<(), Broken> {
        while !changes.is_empty() {
            let parts = changes.iter().cloned();
            let parts: Result<_, _> = parts.map(|change| change.into_part(&self.table)).collect();
            let refused = match self.transact(what, parts?).await? {
                Transacted::Done => return Ok(()),
                Transacted::Refused(refused) => refused,
            };
            let mut at = 0;
            changes.retain(|_| {
                at += 1;
                refused.iter().all(|(index, _)| *index + 1 != at)
            });
        }
        Ok(())
    }
}
