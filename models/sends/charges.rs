//! The charges of a bill: the conditions and the updates of the store's writes.

use std::collections::BTreeMap;

use countersign_domain::Timestamp;
use countersign_domain::factors::sent_code::COOL_DOWN_SECONDS;
use countersign_domain::login::throttle::Budget;
use countersign_domain::messages::payers::{Bill, Limit, Payer};

use crate::sends::stored::{Counter, Fault, State, key};

/// The items of a payer: of its budget, of the network's asks, of today's first asks.
fn keys(payer: &Payer, asker: &str) -> [String; 3] {
    let name = payer.row.name();
    let asks = format!("{} {asker}", payer.who);
    [
        key(name, &payer.who),
        key(&format!("{name}-first-ask"), &asks),
        key(&format!("{name}-first-asks"), &payer.who),
    ]
}

/// What a charge is made from.
#[derive(Clone, Copy)]
pub struct Charge<'a> {
    pub bill: &'a Bill,
    pub by: usize,
    pub at: Timestamp,
    pub fault: Fault,
}

impl Charge<'_> {
    /// `Charging::steady`: the condition and the update.
    fn steady(&self, item: &mut Counter, budget: Budget, cool_down: bool) -> bool {
        let cool = !cool_down || item.last_at <= self.at - COOL_DOWN_SECONDS;
        let room = item.tat <= budget.latest(self.at);
        item.tat = item.tat.max(self.at) + budget.interval;
        item.by = Some(self.by);
        if cool_down {
            item.last_at = self.at;
        }
        (cool && room) || self.fault == Fault::ChargesWithoutLimit
    }

    /// Charges one payer. Says whether the payer allows it.
    fn payer(&self, items: &mut BTreeMap<String, Counter>, payer: &Payer, first: bool) -> bool {
        let [budget_key, asks, count] = keys(payer, &self.bill.asker);
        let limited = self.fault != Fault::ChargesWithoutLimit;
        let item = |key: &String| -> Counter { items.get(key).cloned().unwrap_or_default() };
        let (mut own, mut asked, mut counted) = (item(&budget_key), item(&asks), item(&count));
        let allowed = match payer.limit {
            Limit::Steady { budget, cool_down } => self.steady(&mut own, budget, cool_down),
            Limit::Day(most) => {
                own.n += 1;
                own.n <= most || !limited
            }
            Limit::Open { budget, first_asks } => {
                let cool = asked.last_at <= self.at - COOL_DOWN_SECONDS;
                let new = asked.last_at == 0 && counted.n < first_asks;
                asked.last_at = self.at;
                asked.by = Some(self.by);
                items.insert(asks, asked);
                if first {
                    counted.n += 1;
                    items.insert(count, counted);
                    return new;
                }
                self.steady(&mut own, budget, true) && cool
            }
        };
        items.insert(budget_key, own);
        allowed
    }

    /// `Charging`: every payer, or none. Whether it is the first ask of the network; or
    /// the row that refuses.
    pub fn all(&self, state: &mut State) -> Result<bool, &'static str> {
        let mut refused = "";
        for first in [self.fault != Fault::NoFirstAsk, false] {
            let mut items = state.items.clone();
            let mut payers = self.bill.payers.iter();
            match payers.find(|payer| !self.payer(&mut items, payer, first)) {
                None => {
                    state.items = items;
                    return Ok(first);
                }
                Some(payer) => refused = payer.row.name(),
            }
        }
        Err(refused)
    }

    /// The refunds: an item that somebody else has charged since stays, where only one
    /// at a time can have charged it.
    pub fn give_back(&self, state: &mut State, first: bool) {
        for payer in &self.bill.payers {
            let [budget_key, asks, count] = keys(payer, &self.bill.asker);
            let mut change = |key: &String, changed: &dyn Fn(&mut Counter)| {
                let item = state.items.entry(key.clone()).or_default();
                changed(item);
            };
            let ours = |item: &Counter| item.by == Some(self.by);
            let steady = |budget: Budget| {
                move |item: &mut Counter| {
                    if item.by == Some(self.by) {
                        item.last_at = 0;
                        item.tat -= budget.interval;
                        item.by = None;
                    }
                }
            };
            match payer.limit {
                Limit::Day(_) => change(&budget_key, &|item| item.n = (item.n - 1).max(0)),
                Limit::Steady {
                    budget,
                    cool_down: false,
                } => change(&budget_key, &|item| item.tat -= budget.interval),
                Limit::Steady { budget, .. } => change(&budget_key, &steady(budget)),
                Limit::Open { budget, .. } => {
                    // A network that has asked before stays one that has.
                    change(&asks, &|item| {
                        if ours(item) {
                            item.last_at = i64::from(!first);
                            item.by = None;
                        }
                    });
                    match first {
                        true => change(&count, &|item| item.n = (item.n - 1).max(0)),
                        false => change(&budget_key, &steady(budget)),
                    }
                }
            }
        }
    }
}
