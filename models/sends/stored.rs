//! What is stored of the budgets, and how far each send has come.

use std::collections::BTreeMap;

use countersign_domain::Timestamp;
use countersign_domain::messages::payers::Bill;

use crate::check::Value;

/// A fault that is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Strangers draw on the budget of the owner's confirmed address.
    OneBudgetForAll,
    /// The mail goes out before its charge.
    SendsFirst,
    /// A charge does not ask whether the budget allows one more.
    ChargesWithoutLimit,
    /// A mail that failed stays charged.
    KeepsTheCharge,
    /// The first ask of a network draws on the budget too.
    NoFirstAsk,
}

/// An item of a budget.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counter {
    pub tat: Timestamp,
    pub last_at: Timestamp,
    pub n: i64,
    /// The request that charged the item last.
    pub by: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Send {
    pub bill: Value<Bill>,
    pub owner: bool,
    pub step: Step,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    New,
    /// The payers are charged; whether as the first ask of the network.
    Charged(bool),
    /// The mail failed.
    Failed(bool),
    Sent,
    NotSent,
    /// The row that refused.
    Refused(&'static str),
    Died,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    pub now: Timestamp,
    pub items: BTreeMap<String, Counter>,
    pub sends: Vec<Send>,
    /// The mails that went out, by whether the owner asked.
    pub out: (i64, i64),
    /// Whether a request died after its charge.
    pub lost: bool,
}

pub fn key(row: &str, who: &str) -> String {
    format!("{row}#{who}")
}
