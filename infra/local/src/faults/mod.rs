//! Outages that a developer rehearses: which of the next calls to AWS and to the webhook
//! fail, and how.
//!
//! [`client`] carries the faults out, between the AWS clients and the stand-ins. The
//! webhook's receiver asks for its faults itself.

pub mod client;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// The limit for planned faults. More are a mistake in a loop.
const MOST: usize = 20;

/// The limit for how long an answer may be delayed, in milliseconds.
const LONGEST_DELAY: u64 = 60_000;

/// What a call goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Callee {
    DynamoDb,
    Ses,
    Sns,
    Kms,
    Webhook,
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outage {
    /// The answer says that there are too many calls. The call has no effect.
    Throttled,
    /// The answer is a 500. The call has no effect.
    ServerError,
    /// The answer comes later.
    Slow,
    /// No answer comes. The call has no effect.
    Hang,
    /// The connection breaks before the call has its effect.
    CutBefore,
    /// The call has its effect, and the connection breaks before the answer.
    CutAfter,
    /// A transaction meets another one. The call has no effect.
    Conflict,
}

/// A fault that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedFault {
    pub service: Callee,
    pub fault: Outage,
    /// Only calls of this operation, such as `UpdateItem`. SES, SNS and the webhook have
    /// one operation each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// How many calls fail. Without a number, calls fail until the fault is cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<u32>,
    /// Every call fails (1), or every second call (2), and so on.
    #[serde(default = "every")]
    pub one_in: u32,
    /// How much later a slow answer comes.
    #[serde(default = "two_seconds")]
    pub milliseconds: u64,
    /// The calls that this fault has met, failed or not.
    #[serde(default, skip_deserializing)]
    pub met: u32,
}

fn every() -> u32 {
    1
}

fn two_seconds() -> u64 {
    2_000
}

impl PlannedFault {
    /// Why this fault cannot be had.
    fn problem(&self) -> Option<&'static str> {
        let webhook = self.service == Callee::Webhook;
        match self.fault {
            Outage::Conflict if self.service != Callee::DynamoDb => {
                return Some("conflict: only DynamoDB has transactions");
            }
            Outage::CutBefore | Outage::CutAfter if webhook => {
                return Some("the webhook's connection cannot be cut; hang has no answer either");
            }
            _ => {}
        }
        if self.calls == Some(0) {
            Some("calls: at least 1, or none for every call until the fault is cleared")
        } else if self.one_in == 0 {
            Some("one_in: at least 1")
        } else if self.milliseconds > LONGEST_DELAY {
            Some("milliseconds: at most 60000")
        } else {
            None
        }
    }

    fn concerns(&self, callee: Callee, operation: &str) -> bool {
        let named = self.operation.as_deref();
        let transaction = self.fault != Outage::Conflict || operation == "TransactWriteItems";
        self.service == callee && transaction && named.is_none_or(|named| named == operation)
    }
}

/// What a call meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetFault {
    pub outage: Outage,
    pub milliseconds: u64,
}

/// The planned faults. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Vec<PlannedFault>>>);

impl Faults {
    /// Plans a fault after those that are planned already.
    ///
    /// # Errors
    /// Says what is wrong with the fault.
    pub fn plan(&self, fault: PlannedFault) -> Result<(), &'static str> {
        if let Some(problem) = fault.problem() {
            return Err(problem);
        }
        let mut planned = self.lock();
        if planned.len() >= MOST {
            return Err("20 faults are planned already: clear them first");
        }
        planned.push(fault);
        Ok(())
    }

    pub fn planned(&self) -> Vec<PlannedFault> {
        self.lock().clone()
    }

    pub fn clear(&self) {
        self.lock().clear();
    }

    /// What this call meets. The first planned fault that concerns the call decides.
    pub fn meet(&self, callee: Callee, operation: &str) -> Option<MetFault> {
        let mut planned = self.lock();
        let at = planned
            .iter()
            .position(|fault| fault.concerns(callee, operation))?;
        let fault = planned.get_mut(at)?;
        fault.met = fault.met.saturating_add(1);
        if !fault.met.is_multiple_of(fault.one_in) {
            return None;
        }
        let met = MetFault {
            outage: fault.fault,
            milliseconds: fault.milliseconds,
        };
        fault.calls = fault.calls.map(|calls| calls.saturating_sub(1));
        if fault.calls == Some(0) {
            planned.remove(at);
        }
        Some(met)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<PlannedFault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
