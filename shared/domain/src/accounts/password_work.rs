//! The work of a password comparison. A wrong password costs every kind of work that
//! this process has met in stored hashes. So the time does not tell whether the name is
//! unknown, or whether the hash came from another system.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Params};

use crate::Timestamp;
use crate::accounts::foreign::hash::SlowHash;
use crate::accounts::unusable_hash::UnusableHash;

/// The most kinds of work that a wrong password costs beside today's argon2id. An import
/// refuses a hash of one kind more.
pub const MOST_KINDS: usize = 16;

/// How long a process goes on with the kinds that it knows, in seconds.
const ASK_AGAIN: Timestamp = 300;

/// A salt of 16 bytes and a hash of 32 bytes, all zero, in base64.
const NOBODYS: &str = "AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The work of one comparison.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Work {
    /// argon2 with these parameters.
    Argon2(Algorithm, Params),
    /// A hash of another system's kind that belongs to no user.
    Slow(SlowHash),
}

impl Work {
    /// argon2 with these costs. The length of the output does not count.
    pub fn argon2(algorithm: Algorithm, params: &Params) -> Result<Self, UnusableHash> {
        let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
        let params = Params::new(memory, passes, lanes, None);
        let params = params.map_err(|_| UnusableHash("bad parameters"))?;
        Ok(Self::Argon2(algorithm, params))
    }

    /// The text of a stored hash that takes this work and belongs to no user.
    pub fn to_text(&self) -> String {
        match self {
            Self::Argon2(algorithm, params) => {
                let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
                format!("${algorithm}$v=19$m={memory},t={passes},p={lanes}${NOBODYS}")
            }
            Self::Slow(hash) => hash.to_text(),
        }
    }
}

/// The kinds of work that this process knows of, beside today's argon2id: what
/// the import has noted in the table, and what the process itself has met.
#[derive(Default)]
pub(super) struct MetWorks {
    works: Mutex<Vec<Work>>,
    asked_at: AtomicI64,
}

impl MetWorks {
    /// Learns the work of a stored hash. Returns whether the work is new.
    pub fn note(&self, work: &Work, today: &Work) -> bool {
        let mut met = self.works.lock().unwrap_or_else(PoisonError::into_inner);
        let new = work != today && !met.contains(work) && met.len() < MOST_KINDS;
        if new {
            met.push(work.clone());
        }
        new
    }

    /// Whether it is time to ask the table again. If so, the next five minutes
    /// it is not.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let due = |asked: Timestamp| (now >= asked + ASK_AGAIN).then_some(now);
        let order = Ordering::Relaxed;
        self.asked_at.fetch_update(order, order, due).is_ok()
    }

    /// The work that a wrong password still costs after `done`. Both together are
    /// always the same work.
    pub fn owed(&self, done: Option<&Work>, today: Work) -> Vec<Work> {
        let met = self.works.lock().unwrap_or_else(PoisonError::into_inner);
        let all = std::iter::once(today).chain(met.iter().cloned());
        all.filter(|work| Some(work) != done).collect()
    }
}
