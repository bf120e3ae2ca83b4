//! What comparing a password costs. A wrong password costs each kind of work
//! that stored hashes have here, so that its time does not tell whether the name
//! is unknown, or whether the hash came from another system.

use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Params};

use crate::accounts::foreign::hash::SlowHash;
use crate::accounts::unusable_hash::UnusableHash;

/// The most kinds of work that a wrong password costs beside today's argon2id.
const MOST_MET: usize = 3;

/// The work of one comparison.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Work {
    /// argon2 with these parameters.
    Argon2(Algorithm, Params),
    /// Another system's hash, which is nobody's.
    Slow(SlowHash),
}

impl Work {
    /// argon2 with these costs, whatever the length of its output.
    pub fn argon2(algorithm: Algorithm, params: &Params) -> Result<Self, UnusableHash> {
        let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
        let params = Params::new(memory, passes, lanes, None);
        let params = params.map_err(|_| UnusableHash("bad parameters"))?;
        Ok(Self::Argon2(algorithm, params))
    }
}

/// The kinds of work that this process has met in stored hashes, beside today's
/// argon2id. A process begins with none: it learns from the users who sign in.
#[derive(Default)]
pub(super) struct MetWorks(Mutex<Vec<Work>>);

impl MetWorks {
    /// Learns the work of a stored hash.
    pub fn learn(&self, work: &Work, today: &Work) {
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if work != today && !met.contains(work) && met.len() < MOST_MET {
            met.push(work.clone());
        }
    }

    /// What a wrong password still costs after this work: together with it,
    /// always the same.
    pub fn owed(&self, done: Option<&Work>, today: Work) -> Vec<Work> {
        let met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = std::iter::once(today).chain(met.iter().cloned());
        all.filter(|work| Some(work) != done).collect()
    }
}
