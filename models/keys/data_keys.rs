//! The data keys: two functions with keys that they read at different times, an operator
//! who makes the next key and deletes an old key, and a run of the function `keys` that
//! makes a pair and seals pairs again.

use countersign_domain::Timestamp;
use countersign_domain::keys::data_keys::{
    DataKeyAge, DataKeys, FOLLOWED_SECONDS, SETTLING_SECONDS,
};
use stateright::{Model, Property};

use crate::check::{finds, holds};

const START: Timestamp = 1_800_000_000;

/// The clock moves by as long as a function uses the keys that it has read.
const STEP: i64 = 300;

/// How often the clock moves by as long as a key waits to be used, and by two days.
const LEAPS: u8 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// A function uses a new key at once.
    UsesAtOnce,
    /// The operator deletes a key when the next key is used.
    FreesAtOnce,
    /// The operator deletes a key that seals a pair.
    AsksForNoPair,
}

/// The keys as a function has read them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Function {
    known: DataKeys,
    uses: u32,
    read_at: Timestamp,
}

/// A run of the function `keys`. A run lasts at most a minute.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Run {
    Idle,
    /// The run has made a pair, sealed with this key.
    Adds(u32),
    /// The run has sealed these pairs again with this key.
    Seals(Vec<usize>, u32),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    now: Timestamp,
    steps: u8,
    leaps: u8,
    table: DataKeys,
    functions: [Function; 2],
    run: Run,
    /// The keys that seal the pairs.
    pairs: Vec<u32>,
    /// The operator has decided to make this key.
    makes: Option<DataKeyAge>,
    /// The operator has decided to delete this key.
    deletes: Option<u32>,
    /// What the functions have derived: the key, and until when the value is good.
    derived: Vec<(u32, Timestamp)>,
    has_deleted: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Action {
    Read(usize),
    Derive(usize),
    MakeNext,
    Store,
    Delete,
    Run,
    Die,
    Step,
    /// The clock moves by this many seconds. The functions read the keys meanwhile.
    Leap(i64),
}

/// How long what is derived from a data key is good, besides sessions: a link that confirms
/// an address.
const GOOD_SECONDS: i64 = 86_400;

struct Ring {
    fault: Fault,
}

impl Ring {
    fn used(&self, keys: &DataKeys, now: Timestamp) -> u32 {
        match self.fault {
            Fault::UsesAtOnce => keys.next_number() - 1,
            _ => keys.used_number(now),
        }
    }

    fn read(&self, state: &mut State, index: usize) {
        state.functions[index] = Function {
            known: state.table.clone(),
            uses: self.used(&state.table, state.now),
            read_at: state.now,
        };
    }

    /// The key that `Keyring::old_keys` finds without a need: an old key.
    fn unneeded(&self, state: &State) -> Option<u32> {
        let (table, now) = (&state.table, state.now);
        let old = |number: u32| number < self.used(table, now);
        let is_free = |number: u32| match self.fault {
            Fault::FreesAtOnce => true,
            _ => table.free_at(number).is_some_and(|free| free <= now),
        };
        let seals =
            |number: u32| self.fault != Fault::AsksForNoPair && state.pairs.contains(&number);
        let mut numbers = table.0.iter().map(|key| key.number);
        numbers.find(|number| old(*number) && is_free(*number) && !seals(*number))
    }

    /// One call of a run, with what the run decides after it.
    fn go(&self, state: &mut State) {
        state.run = match state.run.clone() {
            // `Keyring::new_key_pair` seals with the newest key of the table, as read.
            Run::Idle => Run::Adds(state.table.next_number() - 1),
            Run::Adds(sealed_by) => {
                if state.pairs.len() < 2 {
                    state.pairs.push(sealed_by);
                }
                // `Keyring::reseal_pairs`
                let newest = self.used(&state.table, state.now);
                let numbered = state.pairs.iter().enumerate();
                let older = numbered.filter(|(_, sealed_by)| **sealed_by < newest);
                Run::Seals(older.map(|(index, _)| index).collect(), newest)
            }
            // `Store::reseal_key`: the pair is there and sealed as it was read.
            Run::Seals(mut older, newest) => {
                if let Some(index) = older.pop() {
                    state.pairs[index] = newest;
                }
                match older.is_empty() {
                    true => Run::Idle,
                    false => Run::Seals(older, newest),
                }
            }
        };
    }
}

impl Model for Ring {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let first = DataKeyAge {
            number: 1,
            made_at: START,
        };
        let function = Function {
            known: DataKeys(vec![first]),
            uses: 1,
            read_at: START,
        };
        vec![State {
            now: START,
            steps: 0,
            leaps: 0,
            table: DataKeys(vec![first]),
            functions: [function.clone(), function],
            run: Run::Idle,
            pairs: vec![1],
            makes: None,
            deletes: None,
            derived: Vec::new(),
            has_deleted: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (index, function) in state.functions.iter().enumerate() {
            if function.read_at < state.now {
                actions.push(Action::Read(index));
            }
            if !state
                .derived
                .contains(&(function.uses, state.now + GOOD_SECONDS))
            {
                actions.push(Action::Derive(index));
            }
        }
        if state.makes.is_none() && state.table.next_number() <= 2 {
            actions.push(Action::MakeNext);
        }
        if state.makes.is_some() {
            actions.push(Action::Store);
        }
        if state.deletes.is_some() || self.unneeded(state).is_some() {
            actions.push(Action::Delete);
        }
        actions.push(Action::Run);
        if state.run != Run::Idle {
            actions.push(Action::Die);
        }
        // A function reads its keys again after 300 seconds. A run, and an operator's
        // command, end within that time.
        let is_fresh = state
            .functions
            .iter()
            .all(|function| function.read_at == state.now);
        let is_quiet = state.run == Run::Idle && state.makes.is_none() && state.deletes.is_none();
        if is_fresh && is_quiet {
            if state.steps < 2 {
                actions.push(Action::Step);
            }
            if state.leaps < LEAPS {
                actions.push(Action::Leap(SETTLING_SECONDS));
                actions.push(Action::Leap(FOLLOWED_SECONDS));
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Read(index) => self.read(&mut next, index),
            Action::Derive(index) => {
                let value = (state.functions[index].uses, state.now + GOOD_SECONDS);
                next.derived.push(value);
                // The longest good value of each key says enough.
                next.derived
                    .sort_by_key(|(number, until)| (*number, std::cmp::Reverse(*until)));
                next.derived.dedup_by_key(|(number, _)| *number);
            }
            Action::MakeNext => {
                next.makes = Some(DataKeyAge {
                    number: state.table.next_number(),
                    made_at: state.now,
                });
            }
            Action::Store => next.table.0.extend(next.makes.take()),
            Action::Delete => match next.deletes.take() {
                Some(number) => {
                    next.table.0.retain(|key| key.number != number);
                    next.has_deleted = true;
                }
                None => next.deletes = self.unneeded(state),
            },
            Action::Run => self.go(&mut next),
            Action::Die => next.run = Run::Idle,
            Action::Step => {
                next.now += STEP;
                next.steps += 1;
            }
            Action::Leap(seconds) => {
                next.now += seconds - STEP;
                self.read(&mut next, 0);
                self.read(&mut next, 1);
                next.now += STEP;
                next.leaps += 1;
            }
        }
        next.derived
            .retain(|(_, good_until)| *good_until > next.now);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(KNOWN, |_, state: &State| {
                let knows = |number: u32, function: &Function| {
                    function.known.0.iter().any(|key| key.number == number)
                };
                let mut used = state.functions.iter().map(|function| function.uses);
                used.all(|number| state.functions.iter().all(|other| knows(number, other)))
            }),
            Property::always(KEPT, |_, state: &State| {
                let is_there = |number: u32| state.table.0.iter().any(|key| key.number == number);
                state.derived.iter().all(|(number, _)| is_there(*number))
            }),
            Property::always(OPENED, |_, state: &State| {
                let is_there = |number: u32| state.table.0.iter().any(|key| key.number == number);
                state.pairs.iter().all(|number| is_there(*number))
            }),
            Property::sometimes("an old key is deleted", |_, state: &State| {
                state.has_deleted && state.table.0.iter().all(|key| key.number == 2)
            }),
        ]
    }
}

const KNOWN: &str = "a function knows every key that another function uses";
const KEPT: &str = "the key of what is still good is there";
const OPENED: &str = "every pair can be opened";

#[test]
fn no_interleaving_of_a_rotation_loses_what_a_data_key_derived_or_sealed() {
    holds(Ring { fault: Fault::None }, 1000);
}

#[test]
fn a_data_key_that_is_used_at_once_is_found() {
    let fault = Fault::UsesAtOnce;
    finds(Ring { fault }, KNOWN);
}

#[test]
fn a_data_key_that_is_deleted_when_the_next_key_is_used_is_found() {
    let fault = Fault::FreesAtOnce;
    finds(Ring { fault }, KEPT);
}

#[test]
fn a_data_key_that_is_deleted_while_it_seals_a_pair_is_found() {
    let fault = Fault::AsksForNoPair;
    finds(Ring { fault }, OPENED);
}
