//! The key pairs: two runs of the function `keys` at once, a function that signs with the
//! keys as it read them, an API that verifies with a key set of yesterday, and changes of
//! the algorithm.

use countersign_domain::Timestamp;
use countersign_domain::authorization::client::LONGEST_TOKEN_SECONDS;
use countersign_domain::keys::algorithm::Algorithm;
use countersign_domain::keys::signing_pairs::{
    PUBLISHED_BEFORE, SigningPair, SigningPairs, WantedPair,
};
use stateright::{Model, Property};

use crate::check::{finds, holds};

const START: Timestamp = 1_800_000_000;

/// The clock moves by half a day.
const STEP: i64 = 43_200;

/// How old a pair gets before the next pair is made.
const PERIOD: i64 = 2 * 86_400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// A new pair signs at once.
    SignsAtOnce,
    /// A pair is deleted as soon as the next pair signs.
    DeletesAtOnce,
    /// The write of a new pair does not ask whether its number is taken.
    AddsAnyNumber,
    /// A pair is deleted when a pair of any algorithm has followed.
    ForgetsTheWayBack,
    /// A pair is deleted by its age, whether or not a pair has followed.
    DeletesByAge,
}

/// A run of the function `keys`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Run {
    /// No run, or the last run has ended or died.
    Idle,
    /// The run has decided to make this pair.
    Makes(SigningPair),
    /// The run has made what it makes.
    Looks,
    /// The run deletes these pairs.
    Deletes(Vec<SigningPair>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    now: Timestamp,
    steps: u8,
    leaps: u8,
    /// The setting: whether ES256 signs.
    es256: bool,
    /// How often the setting has changed.
    changes: u8,
    table: SigningPairs,
    runs: [Run; 2],
    /// The pair that the function signs with, since it read the keys at this time.
    signs_with: Option<SigningPair>,
    read_at: Timestamp,
    /// The key set that the API has, since this time.
    key_set: SigningPairs,
    fetched_at: Timestamp,
    /// For each pair that has signed, when its last token expires.
    tokens: Vec<(SigningPair, Timestamp)>,
    /// Whether a pair was deleted.
    has_deleted: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Action {
    Run(usize),
    Die(usize),
    /// The function reads the keys again.
    Read,
    Sign,
    /// The API fetches the key set.
    Fetch,
    ChangeAlgorithm,
    Step,
    Leap,
}

struct Ring {
    fault: Fault,
    /// How often the setting of the algorithm changes.
    changes: u8,
    /// How often the clock moves by half a day.
    steps: u8,
    /// How often the clock moves by as long as a token lives.
    leaps: u8,
}

impl State {
    fn algorithm(&self) -> Algorithm {
        match self.es256 {
            true => Algorithm::Es256,
            false => Algorithm::Rs256,
        }
    }

    fn made(&self, wanted: WantedPair) -> SigningPair {
        SigningPair {
            algorithm: self.algorithm().name().to_owned(),
            number: wanted.number,
            made_at: self.now,
            signs_from: wanted.signs_from,
        }
    }
}

impl Ring {
    /// What a run decides after it has read the keys: `Keyring::make_first`, then
    /// `Keyring::rotate`.
    fn decide(&self, state: &State) -> Run {
        let (table, algorithm) = (&state.table, state.algorithm());
        let wanted = table.first(algorithm, state.now);
        match wanted.or_else(|| table.due(algorithm, PERIOD, state.now)) {
            None => Run::Looks,
            Some(mut wanted) => {
                if self.fault == Fault::SignsAtOnce {
                    wanted.signs_from = state.now;
                }
                Run::Makes(state.made(wanted))
            }
        }
    }

    /// The pairs that a run deletes.
    fn over(&self, state: &State) -> Vec<SigningPair> {
        let (table, now) = (&state.table, state.now);
        let followed = |ago: i64, same: bool| {
            let is_over = move |pair: &&SigningPair| {
                table.0.iter().any(|other| {
                    (!same || other.algorithm == pair.algorithm)
                        && other.signs_from > pair.signs_from
                        && other.signs_from + ago <= now
                })
            };
            table.0.iter().filter(is_over).cloned().collect()
        };
        match self.fault {
            Fault::DeletesAtOnce => followed(0, true),
            Fault::DeletesByAge => {
                let is_old =
                    |pair: &&SigningPair| pair.signs_from + LONGEST_TOKEN_SECONDS + 86_400 <= now;
                table.0.iter().filter(is_old).cloned().collect()
            }
            Fault::ForgetsTheWayBack => followed(LONGEST_TOKEN_SECONDS + 86_400, false),
            _ => table.over(state.algorithm(), now).cloned().collect(),
        }
    }

    /// One call of a run, with what the run decides after it.
    fn go(&self, state: &mut State, index: usize) {
        state.runs[index] = match state.runs[index].clone() {
            Run::Idle => self.decide(state),
            // `Store::add_key`: the condition and the write.
            Run::Makes(pair) => {
                let same = |other: &SigningPair| {
                    other.algorithm == pair.algorithm && other.number == pair.number
                };
                let is_taken = state.table.0.iter().any(same);
                if !is_taken || self.fault == Fault::AddsAnyNumber {
                    state.table.0.push(pair);
                }
                Run::Looks
            }
            Run::Looks => match self.over(state) {
                over if over.is_empty() => Run::Idle,
                over => Run::Deletes(over),
            },
            // `Store::delete_key`: no condition.
            Run::Deletes(mut over) => {
                if let Some(pair) = over.pop() {
                    state.table.0.retain(|other| *other != pair);
                    state.has_deleted = true;
                }
                match over.is_empty() {
                    true => Run::Idle,
                    false => Run::Deletes(over),
                }
            }
        };
    }
}

fn read(state: &mut State) {
    state.signs_with = state.table.signer(state.algorithm(), state.now).cloned();
    state.read_at = state.now;
}

fn fetch(state: &mut State) {
    state.key_set = state.table.clone();
    state.fetched_at = state.now;
}

fn sign(state: &mut State) {
    if let Some(pair) = state.signs_with.clone() {
        state.tokens.retain(|(other, _)| *other != pair);
        state.tokens.push((pair, state.now + LONGEST_TOKEN_SECONDS));
        state.tokens.sort_by_key(|(pair, _)| pair.signs_from);
    }
}

impl Model for Ring {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut state = State {
            now: START,
            steps: 0,
            leaps: 0,
            es256: false,
            changes: 0,
            table: SigningPairs::default(),
            runs: [Run::Idle, Run::Idle],
            signs_with: None,
            read_at: START,
            key_set: SigningPairs::default(),
            fetched_at: START,
            tokens: Vec::new(),
            has_deleted: false,
        };
        // The deployment makes the first pair before there is a route.
        let first = state.table.first(state.algorithm(), START).unwrap();
        state.table.0.push(state.made(first));
        read(&mut state);
        fetch(&mut state);
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (index, run) in state.runs.iter().enumerate() {
            let is_needed = *run != Run::Idle
                || self.decide(state) != Run::Looks
                || !self.over(state).is_empty();
            if is_needed {
                actions.push(Action::Run(index));
            }
            if *run != Run::Idle {
                actions.push(Action::Die(index));
            }
        }
        if state.read_at < state.now {
            actions.push(Action::Read);
        }
        if state.fetched_at < state.now {
            actions.push(Action::Fetch);
        }
        if let Some(pair) = &state.signs_with {
            let expiry = state.now + LONGEST_TOKEN_SECONDS;
            if !state.tokens.contains(&(pair.clone(), expiry)) {
                actions.push(Action::Sign);
            }
        }
        if state.changes < self.changes {
            actions.push(Action::ChangeAlgorithm);
        }
        // A run ends within a minute, the function reads the keys within half a day, and
        // the API fetches the key set before the set is a day old.
        let next = state.now + STEP;
        let is_fresh = next <= state.read_at + STEP && next < state.fetched_at + PUBLISHED_BEFORE;
        if state.runs.iter().all(|run| *run == Run::Idle) && is_fresh {
            if state.steps < self.steps {
                actions.push(Action::Step);
            }
            if state.leaps < self.leaps {
                actions.push(Action::Leap);
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Run(index) => self.go(&mut next, index),
            Action::Die(index) => next.runs[index] = Run::Idle,
            Action::Read => read(&mut next),
            Action::Sign => sign(&mut next),
            Action::Fetch => fetch(&mut next),
            Action::ChangeAlgorithm => {
                next.es256 = !next.es256;
                next.changes += 1;
            }
            Action::Step => {
                next.now += STEP;
                next.steps += 1;
            }
            // The function and the API read again on each day.
            Action::Leap => {
                next.now += LONGEST_TOKEN_SECONDS - STEP;
                read(&mut next);
                fetch(&mut next);
                next.now += STEP;
                next.leaps += 1;
            }
        }
        next.tokens.retain(|(_, expiry)| *expiry > next.now);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(KNOWN, |_, state: &State| {
                let knows = |pair: &SigningPair| state.key_set.0.contains(pair);
                state.tokens.iter().all(|(pair, _)| knows(pair))
            }),
            Property::always(PUBLISHED, |_, state: &State| {
                let is_published = |pair: &SigningPair| state.table.0.contains(pair);
                state.tokens.iter().all(|(pair, _)| is_published(pair))
            }),
            Property::always(ONE_PAIR, |_, state: &State| {
                let mut seen = std::collections::BTreeSet::new();
                let mut names = state.table.0.iter();
                names.all(|pair| seen.insert((pair.algorithm.clone(), pair.number)))
            }),
            Property::always(A_SIGNER, |_, state: &State| {
                let signer = state.table.signer(state.algorithm(), state.now);
                signer.is_some()
            }),
            match self.changes {
                0 => Property::sometimes("a pair is deleted", |_, state: &State| state.has_deleted),
                _ => Property::sometimes("ES256 signs", |_, state: &State| {
                    let signs = state.signs_with.as_ref();
                    signs.is_some_and(|pair| pair.algorithm == "ES256")
                }),
            },
        ]
    }
}

const KNOWN: &str = "an API with a key set of yesterday knows the key of every live token";
const PUBLISHED: &str = "the key of a live token is published";
const ONE_PAIR: &str = "two runs at once make one pair";
const A_SIGNER: &str = "some pair signs";

/// A ring whose pairs are followed and deleted.
fn rotated(fault: Fault) -> Ring {
    Ring {
        fault,
        changes: 0,
        steps: 4,
        leaps: 2,
    }
}

/// A ring whose algorithm changes and changes back.
fn changed(fault: Fault) -> Ring {
    Ring {
        fault,
        changes: 2,
        steps: 1,
        leaps: 2,
    }
}

#[test]
fn no_interleaving_of_rotations_makes_a_live_token_fail() {
    holds(rotated(Fault::None), 1000);
}

#[test]
fn no_interleaving_of_changes_of_the_algorithm_makes_a_live_token_fail() {
    holds(changed(Fault::None), 1000);
}

#[test]
fn a_new_pair_that_signs_at_once_is_found() {
    finds(rotated(Fault::SignsAtOnce), KNOWN);
}

#[test]
fn a_pair_that_is_deleted_when_the_next_signs_is_found() {
    finds(rotated(Fault::DeletesAtOnce), PUBLISHED);
}

#[test]
fn a_pair_whose_number_is_taken_is_found() {
    finds(rotated(Fault::AddsAnyNumber), ONE_PAIR);
}

#[test]
fn a_deletion_that_forgets_a_change_of_the_algorithm_back_is_found() {
    finds(changed(Fault::ForgetsTheWayBack), PUBLISHED);
}

#[test]
fn a_pair_that_is_deleted_by_its_age_is_found() {
    finds(changed(Fault::DeletesByAge), A_SIGNER);
}
