//! The key pairs that sign tokens: which pair signs, when the next pair is made, and when
//! the tokens of an old pair have all expired.

use crate::Timestamp;
use crate::authorization::client::LONGEST_TOKEN_SECONDS;
use crate::keys::algorithm::Algorithm;

/// How long a pair is published before it signs, in seconds. API Gateway keeps a
/// key set for two hours, and other verifiers keep the key set longer.
pub const PUBLISHED_BEFORE: i64 = 86_400;

/// How long a pair stays published after its successor begins to sign, in seconds. All
/// tokens of the pair have expired by then. One more day covers differing clocks and
/// functions that learn of the successor late.
pub const PUBLISHED_AFTER: i64 = LONGEST_TOKEN_SECONDS + 86_400;

/// A key pair in the table, without its keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SigningPair {
    /// The algorithm's name in JWTs. A newer version may have made a pair of an algorithm
    /// that this version does not know.
    pub algorithm: String,
    /// The number within the algorithm, from 1.
    pub number: u32,
    pub made_at: Timestamp,
    /// When the pair begins to sign.
    pub signs_from: Timestamp,
}

/// A key pair that is to be made, of the wanted algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WantedPair {
    pub number: u32,
    pub signs_from: Timestamp,
}

/// All key pairs of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SigningPairs(pub Vec<SigningPair>);

impl SigningPairs {
    fn of_algorithm(&self, wanted: &str) -> impl Iterator<Item = &SigningPair> {
        let is_wanted = move |pair: &&SigningPair| pair.algorithm == wanted;
        self.0.iter().filter(is_wanted)
    }

    /// The pair that signs: the newest pair of the wanted algorithm that may sign by now.
    /// After a change of the algorithm, the previous pair signs until then. If only one
    /// pair exists, that pair signs at once, because the clock of the function that made
    /// the pair may be ahead of ours.
    pub fn signer(&self, wanted: Algorithm, now: Timestamp) -> Option<&SigningPair> {
        let known = || {
            let is_known = |pair: &&SigningPair| Algorithm::from_name(&pair.algorithm).is_some();
            self.0.iter().filter(is_known)
        };
        let ripe = |pair: &&SigningPair| pair.signs_from <= now;
        let newest = self.of_algorithm(wanted.name()).filter(ripe);
        newest
            .max_by_key(|pair| pair.signs_from)
            .or_else(|| known().filter(ripe).max_by_key(|pair| pair.signs_from))
            .or_else(|| {
                let wanted = self.of_algorithm(wanted.name());
                wanted.min_by_key(|pair| pair.signs_from)
            })
    }

    /// The first pair of the wanted algorithm, if the table has none. The very first pair
    /// signs at once. If pairs of another algorithm exist, everyone who verifies tokens
    /// must know the new pair before it signs.
    pub fn first(&self, wanted: Algorithm, now: Timestamp) -> Option<WantedPair> {
        if self.of_algorithm(wanted.name()).next().is_some() {
            return None;
        }
        let is_known = |pair: &SigningPair| Algorithm::from_name(&pair.algorithm).is_some();
        let wait = if self.0.iter().any(is_known) {
            PUBLISHED_BEFORE
        } else {
            0
        };
        Some(WantedPair {
            number: 1,
            signs_from: now + wait,
        })
    }

    /// The pair that replaces all pairs of this algorithm, and signs at once. Two functions
    /// that make the next pair at once give that pair one number, so the table takes one of
    /// the two pairs.
    pub fn replacement(&self, wanted: Algorithm, now: Timestamp) -> WantedPair {
        let numbers = self.of_algorithm(wanted.name()).map(|pair| pair.number);
        WantedPair {
            number: numbers.max().unwrap_or(0) + 1,
            signs_from: now,
        }
    }

    /// The next pair of this algorithm, whether or not it is due.
    pub fn next(&self, wanted: Algorithm, now: Timestamp) -> WantedPair {
        WantedPair {
            signs_from: now + PUBLISHED_BEFORE,
            ..self.replacement(wanted, now)
        }
    }

    /// The next pair, if it is due: each pair of the wanted algorithm is older than
    /// `period` (in seconds), or the newest of all pairs is of another algorithm.
    pub fn due(&self, wanted: Algorithm, period: i64, now: Timestamp) -> Option<WantedPair> {
        let made_before = now - period;
        let mut same = self.of_algorithm(wanted.name());
        let all_old = same.all(|pair| pair.made_at <= made_before);
        let newest = self.0.iter().max_by_key(|pair| pair.signs_from);
        let is_newest = newest.is_some_and(|pair| pair.algorithm == wanted.name());
        (all_old || !is_newest).then(|| self.next(wanted, now))
    }

    /// The pairs whose tokens have all expired. A pair signed last when a newer pair
    /// of its algorithm began to sign. A pair without a newer pair of its algorithm may
    /// sign again after a change of the algorithm and back. So such a pair is over only
    /// while the newest of all pairs signs.
    pub fn over(
        &self,
        wanted: Algorithm,
        now: Timestamp,
    ) -> impl Iterator<Item = &SigningPair> + use<'_> {
        let signs = self.signer(wanted, now).map(|pair| pair.signs_from);
        let newest = self.0.iter().map(|pair| pair.signs_from).max();
        let by_newest = signs.filter(|_| signs == newest);
        self.0.iter().filter(move |pair| {
            let replaced = by_newest.filter(|signs| pair.signs_from < *signs);
            let followed = self.followed_at(pair).or(replaced);
            followed.is_some_and(|at| at + PUBLISHED_AFTER <= now)
        })
    }

    /// When this pair is over, if the newest pair signs then. `None` for the newest.
    pub fn over_at(&self, pair: &SigningPair) -> Option<Timestamp> {
        let newest = self.0.iter().map(|other| other.signs_from).max();
        let newest = newest.filter(|at| *at > pair.signs_from);
        let followed = self.followed_at(pair).or(newest)?;
        Some(followed + PUBLISHED_AFTER)
    }

    /// When the next pair of the same algorithm begins to sign.
    fn followed_at(&self, pair: &SigningPair) -> Option<Timestamp> {
        let same = self.of_algorithm(&pair.algorithm);
        let later = same.filter(|other| other.signs_from > pair.signs_from);
        later.map(|other| other.signs_from).min()
    }
}
