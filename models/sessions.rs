//! A family of refresh tokens: rotation, the grace period, reuse, sign-out, and a change
//! of the user.

use countersign_domain::authorization::client::Authorized;
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::sessions::authentication::{Authentication, FirstFactor};
use countersign_domain::sessions::session::{Refresh, Session};
use countersign_domain::{Dialect, Timestamp};
use stateright::{Model, Property};

use crate::check::{Value, finds, holds};

const START: Timestamp = 1_800_000_000;

/// The grace period in seconds. The clock moves by it.
const GRACE: i64 = 60;

/// A fault that is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// The write that rotates does not ask which generation is the newest.
    RotatesAnyGeneration,
    /// The write that rotates does not ask whether the family was revoked.
    RotatesRevoked,
    /// The read does not see that the family was revoked.
    ReadsNoRevocation,
    /// The grace period never ends.
    EndlessGrace,
    /// A token that is shown again ends nothing.
    ForgetsReuse,
    /// A retry gets a generation of its own.
    RepeatsAnother,
    /// A retry is refused.
    RefusesRepeat,
}

/// A request that shows a refresh token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Request {
    /// The generation of the token.
    shows: u32,
    step: Step,
    /// When the request began.
    at: Timestamp,
    /// Whether the family had ended when the request began.
    after_end: bool,
    /// Whether the token was too old when the request began.
    late: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    Waiting,
    /// The session and the user's epoch as they were read; how often the session was
    /// looked at.
    Read(Box<Value<Session>>, u64, u8),
    /// The answer is made, and may still be lost. The generation of the new token.
    Made(Option<u32>),
    Answered(Option<u32>),
    Died,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    now: Timestamp,
    epoch: u64,
    session: Value<Session>,
    requests: Vec<Request>,
    /// The generations that were rotated away.
    rotated: Vec<u32>,
    /// Whether a family that was revoked was rotated.
    rotated_revoked: bool,
}

impl State {
    fn is_over(&self) -> bool {
        !self.session.is_live(self.epoch, self.now)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Action {
    Go(usize),
    Die(usize),
    SignOut,
    NewEpoch,
    Grace,
}

struct Family {
    /// The generations that the requests show.
    shown: Vec<u32>,
    fault: Fault,
}

impl Family {
    fn grace(&self) -> i64 {
        match self.fault {
            Fault::EndlessGrace => i64::from(u32::MAX),
            _ => GRACE,
        }
    }

    /// `Store::rotate_refresh`: the condition and the update.
    fn rotate(&self, state: &mut State, read: &Session, at: Timestamp) -> bool {
        let item = &state.session;
        let generation =
            self.fault == Fault::RotatesAnyGeneration || item.refresh_tokens == read.refresh_tokens;
        let unrevoked = self.fault == Fault::RotatesRevoked || !item.revoked;
        if !generation || !unrevoked || item.epoch != read.epoch || item.expires_at <= at {
            return false;
        }
        state.rotated_revoked |= item.revoked;
        state.rotated.push(read.refresh_tokens);
        let expires_at = read.next_expiry(at, 3600);
        let item = &mut state.session;
        item.refresh_tokens += 1;
        item.rotated_at = at;
        item.expires_at = expires_at;
        true
    }

    /// `Store::revoke_reused`: the condition and the update.
    fn revoke_reused(&self, state: &mut State, generation: u32, at: Timestamp) {
        let item = &mut state.session;
        let graced = item.rotated_at <= at - self.grace();
        let older = item.refresh_tokens > generation + 1;
        let reused = older || (item.refresh_tokens == generation + 1 && graced);
        if self.fault != Fault::ForgetsReuse && !item.revoked && reused {
            item.revoked = true;
        }
    }

    /// One call of `usecase::sessions::refresh`, with what is decided after it.
    fn go(&self, state: &mut State, index: usize) {
        let request = state.requests[index].clone();
        let step = match request.step {
            Step::Waiting => {
                let newest = state.session.refresh_tokens;
                let graced = state.session.rotated_at + GRACE <= state.now;
                let late = request.shows + 1 < newest || (request.shows + 1 == newest && graced);
                let mut read = state.session.clone();
                read.revoked &= self.fault != Fault::ReadsNoRevocation;
                let request = Request {
                    at: state.now,
                    after_end: state.is_over(),
                    late,
                    step: Step::Read(Box::new(read), state.epoch, 1),
                    ..request
                };
                state.requests[index] = request;
                return;
            }
            Step::Read(read, epoch, looks) => {
                let decided = read.refresh_state(request.shows, epoch, request.at, self.grace());
                match decided {
                    Refresh::Ended => Step::Made(None),
                    Refresh::Repeat => Step::Made(match self.fault {
                        Fault::RepeatsAnother => Some(read.refresh_tokens + 1),
                        Fault::RefusesRepeat => None,
                        _ => Some(read.refresh_tokens),
                    }),
                    Refresh::Reused => {
                        self.revoke_reused(state, request.shows, request.at);
                        Step::Made(None)
                    }
                    Refresh::Rotate => match self.rotate(state, &read, request.at) {
                        true => Step::Made(Some(state.session.refresh_tokens)),
                        false if looks == 2 => Step::Made(None),
                        false => Step::Read(Box::new(state.session.clone()), epoch, looks + 1),
                    },
                }
            }
            Step::Made(answer) => Step::Answered(answer),
            ended @ (Step::Answered(_) | Step::Died) => ended,
        };
        state.requests[index].step = step;
    }
}

/// What a request was answered, unless the answer was lost.
fn answer(request: &Request) -> Option<Option<u32>> {
    match request.step {
        Step::Answered(answer) => Some(answer),
        _ => None,
    }
}

impl Model for Family {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let session = Session {
            id: SessionId::from_bytes([1; 16]),
            user: UserId::from_bytes([2; 16]),
            authorized: Authorized::default(),
            dialect: Dialect::Auth0,
            authentication: Authentication {
                at: START,
                first: FirstFactor::Password,
                method: None,
                key: None,
            },
            epoch: 1,
            refresh_tokens: 1,
            rotated_at: START,
            expires_at: START + 3600,
            ends_at: START + 86_400,
            revoked: false,
        };
        let request = |shows: &u32| Request {
            shows: *shows,
            step: Step::Waiting,
            at: 0,
            after_end: false,
            late: false,
        };
        vec![State {
            now: START,
            epoch: 1,
            session: Value(session),
            requests: self.shown.iter().map(request).collect(),
            rotated: Vec::new(),
            rotated_revoked: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (index, request) in state.requests.iter().enumerate() {
            match request.step {
                // Nobody shows a token that was never handed out.
                Step::Waiting if request.shows > state.session.refresh_tokens => {}
                Step::Waiting => actions.push(Action::Go(index)),
                Step::Read(..) | Step::Made(_) => {
                    actions.push(Action::Go(index));
                    actions.push(Action::Die(index));
                }
                Step::Answered(_) | Step::Died => {}
            }
        }
        if !state.session.revoked && state.epoch == 1 {
            actions.push(Action::SignOut);
            actions.push(Action::NewEpoch);
        }
        if state.now < START + 2 * GRACE {
            actions.push(Action::Grace);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Go(index) => self.go(&mut next, index),
            Action::Die(index) => next.requests[index].step = Step::Died,
            // `Store::end_session`: once.
            Action::SignOut => next.session.revoked = true,
            Action::NewEpoch => next.epoch = 2,
            Action::Grace => next.now += GRACE,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ONE_SUCCESSOR, |_, state: &State| {
                let mut seen = std::collections::BTreeSet::new();
                state.rotated.iter().all(|from| seen.insert(*from))
            }),
            Property::always(NO_ROTATION_AFTER_THE_END, |_, state: &State| {
                !state.rotated_revoked
            }),
            Property::always(NO_TOKEN_AFTER_THE_END, |_, state: &State| {
                let mut late = state.requests.iter().filter(|request| request.after_end);
                late.all(|request| !matches!(answer(request), Some(Some(_))))
            }),
            Property::always(ONE_LIVE_GENERATION, |_, state: &State| {
                let mut late = state.requests.iter().filter(|request| request.late);
                late.all(|request| !matches!(answer(request), Some(Some(_))))
            }),
            Property::always(REUSE_ENDS_THE_FAMILY, |_, state: &State| {
                let mut late = state.requests.iter().filter(|request| request.late);
                late.all(|request| answer(request).is_none() || state.is_over())
            }),
            Property::always(ONE_ANSWER, |_, state: &State| {
                let tokens = |request: &Request| Some((request.shows, answer(request)??));
                let given: Vec<(u32, u32)> = state.requests.iter().filter_map(tokens).collect();
                given.iter().all(|(shown, _)| {
                    let mut alike = given.iter().filter(|(other, _)| other == shown);
                    let first = alike.next();
                    alike.all(|other| Some(other) == first)
                })
            }),
            Property::always(NOTHING_ELSE_REFUSES, |_, state: &State| {
                let mut refused = state
                    .requests
                    .iter()
                    .filter(|request| answer(request) == Some(None));
                refused.all(|request| {
                    let passed = state.session.refresh_tokens > request.shows + 1;
                    request.late || passed || state.is_over()
                })
            }),
            Property::sometimes("a third generation is handed out", |_, state: &State| {
                let mut answers = state.requests.iter().filter_map(answer);
                answers.any(|answer| answer == Some(3))
            }),
            Property::sometimes("a replay ends the family", |_, state: &State| {
                let mut requests = state.requests.iter();
                state.epoch == 1
                    && state.session.revoked
                    && requests.any(|request| request.late && answer(request) == Some(None))
            }),
        ]
    }
}

const ONE_SUCCESSOR: &str = "a generation has one successor";
const NO_ROTATION_AFTER_THE_END: &str = "a revoked family is not rotated";
const NO_TOKEN_AFTER_THE_END: &str = "a family that has ended yields no token";
const ONE_LIVE_GENERATION: &str = "outside the grace, one generation is live";
const REUSE_ENDS_THE_FAMILY: &str = "a token that is too old ends the family";
const ONE_ANSWER: &str = "requests with one token get the same successor";
const NOTHING_ELSE_REFUSES: &str =
    "a token is refused if the family ended or went on, and else not";

/// The owner's app, a retry or a thief with a copy, and the next token.
fn family(fault: Fault) -> Family {
    Family {
        shown: vec![1, 1, 2],
        fault,
    }
}

#[test]
fn no_interleaving_gives_two_live_generations_or_a_token_of_a_revoked_family() {
    holds(family(Fault::None), 1000);
}

#[test]
fn a_rotation_of_any_generation_is_found() {
    finds(family(Fault::RotatesAnyGeneration), ONE_SUCCESSOR);
}

#[test]
fn a_rotation_of_a_revoked_family_is_found() {
    finds(family(Fault::RotatesRevoked), NO_ROTATION_AFTER_THE_END);
}

#[test]
fn a_read_that_sees_no_revocation_is_found() {
    finds(family(Fault::ReadsNoRevocation), NO_TOKEN_AFTER_THE_END);
}

#[test]
fn a_grace_without_an_end_is_found() {
    finds(family(Fault::EndlessGrace), ONE_LIVE_GENERATION);
}

#[test]
fn a_reuse_that_ends_nothing_is_found() {
    finds(family(Fault::ForgetsReuse), REUSE_ENDS_THE_FAMILY);
}

#[test]
fn a_retry_with_a_generation_of_its_own_is_found() {
    finds(family(Fault::RepeatsAnother), ONE_ANSWER);
}

#[test]
fn a_retry_that_is_refused_is_found() {
    finds(family(Fault::RefusesRepeat), NOTHING_ELSE_REFUSES);
}
