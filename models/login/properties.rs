//! What holds of the second step, in every interleaving.

use countersign_domain::login::pending_login::{LOGIN_SECONDS, REDEEM_SECONDS};
use countersign_domain::login::throttle::CODES;
use stateright::{Model, Property};

use crate::check::{finds, holds};
use crate::login::request::{Asks, Outcome, Request, Step};
use crate::login::requests::go;
use crate::login::stored::{Fault, START, State};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Action {
    Go(usize),
    Die(usize),
    /// The user's password changes.
    NewEpoch,
    /// The clock moves past the life of a verified login, then of every login.
    Later,
}

struct SecondStep {
    requests: Vec<Request>,
    /// How many guesses the budget allows at the start, and how many wrong ones in a
    /// row there were.
    guesses: (i64, i64),
    /// Whether the password changes, and whether time passes.
    changes: bool,
    fault: Fault,
}

const REDEEMED_ONCE: &str = "a login gives tokens once";
const STEP_ONCE: &str = "a time step is consumed once";
const WITHIN_BUDGET: &str = "no more guesses are compared than the budget allows";
const OWN_FACTOR: &str = "who gets tokens has shown a factor";
const PRESENT_EPOCH: &str = "no login of an earlier epoch gives tokens";
const RIGHT_IS_RIGHT: &str = "a right code is refused for a documented reason only";
const GIVEN_BACK: &str = "a right guess stays charged only if its request died";

impl SecondStep {
    /// The time of the next step of the clock.
    fn later(now: i64) -> Option<i64> {
        let times = [START + REDEEM_SECONDS, START + LOGIN_SECONDS];
        times.into_iter().find(|time| *time > now)
    }

    /// Whether a refusal of this request, whose code is right, has a reason.
    fn may_refuse(state: &State, request: &Request, outcome: Outcome) -> bool {
        let login = &state.logins[request.login];
        // A code of an app is good for a minute.
        let late = request.at > START;
        let changed = late || state.user.epoch != login.epoch || login.expires_at <= state.now;
        let used = state.done.steps_used > 0;
        match outcome {
            Outcome::Tokens | Outcome::Verified => true,
            Outcome::Over | Outcome::Wrong => changed || used,
            // The documented lock: wrong guesses by holders of the login's token.
            Outcome::Locked => {
                let wrong = |other: &Request| {
                    let with_token = other.asks != Asks::Guess;
                    with_token && !other.right && other.step != Step::New
                };
                state.requests.iter().any(wrong)
            }
        }
    }
}

impl Model for SecondStep {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::start(self.requests.clone(), self.guesses)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (index, request) in state.requests.iter().enumerate() {
            if request.step == Step::New || request.is_running() {
                actions.push(Action::Go(index));
            }
            if request.is_running() {
                actions.push(Action::Die(index));
            }
        }
        if self.changes && state.user.epoch == 1 {
            actions.push(Action::NewEpoch);
        }
        if self.changes && Self::later(state.now).is_some() {
            actions.push(Action::Later);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Go(index) => go(&mut next, index, self.fault),
            Action::Die(index) => {
                let lost = matches!(
                    next.requests[index].step,
                    Step::Charged(_) | Step::LooksAgain(_) | Step::Again(..) | Step::GivesBack(_)
                );
                next.done.charge_lost |= lost;
                next.requests[index].step = Step::Died;
            }
            Action::NewEpoch => next.user.epoch += 1,
            Action::Later => next.now = Self::later(state.now)?,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(REDEEMED_ONCE, |_, state: &State| {
                state.done.tokens.iter().all(|tokens| *tokens <= 1)
            }),
            Property::always(STEP_ONCE, |_, state: &State| state.done.steps_used <= 1),
            Property::always(WITHIN_BUDGET, |model: &Self, state: &State| {
                let refilled = (state.now - START) / CODES.interval;
                let strangers = |request: &Request| request.asks == Asks::Guess;
                // Strangers have a budget of their own, which nothing here uses up.
                let apart = state.requests.iter().filter(|one| strangers(one)).count();
                let apart = i64::try_from(apart).unwrap();
                state.done.compared <= model.guesses.0 + refilled + apart
            }),
            Property::always(OWN_FACTOR, |_, state: &State| {
                let by_token = |request: &Request| {
                    request.asks == Asks::TokensByToken
                        && request.outcome() == Some(Outcome::Tokens)
                };
                let mut given = state.requests.iter().filter(|request| by_token(request));
                given.all(|request| {
                    let mut others = state.requests.iter();
                    others.any(|other| {
                        other.asks == Asks::VerifyByToken
                            && other.login == request.login
                            && other.step != Step::New
                    })
                })
            }),
            Property::always(PRESENT_EPOCH, |_, state: &State| !state.done.outdated),
            Property::always(RIGHT_IS_RIGHT, |_, state: &State| {
                let right = |request: &&Request| request.right;
                state.requests.iter().filter(right).all(|request| {
                    let outcome = request.outcome();
                    outcome.is_none_or(|outcome| Self::may_refuse(state, request, outcome))
                })
            }),
            Property::always(GIVEN_BACK, |model: &Self, state: &State| {
                let still = state.requests.iter().any(Request::is_running);
                let lost = state.done.charge_lost;
                let wrong = state.done.wrong_with_token;
                let left = CODES.burst - model.guesses.0 + wrong;
                still || lost || state.own.tat <= state.now.max(START) + left * CODES.interval
            }),
            Property::sometimes("tokens are given", |_, state: &State| {
                state.done.tokens != [0, 0]
            }),
        ]
    }
}

/// Three requests with the right code: two for one login, one for another.
fn right_codes(fault: Fault) -> SecondStep {
    SecondStep {
        requests: vec![
            Request::new(Asks::Tokens, 0, true),
            Request::new(Asks::Tokens, 0, true),
            Request::new(Asks::Tokens, 1, true),
        ],
        guesses: (10, 0),
        changes: false,
        fault,
    }
}

/// A verify, tokens by the code, and tokens by the token alone, while the password
/// changes and time passes.
fn verified(verify: Asks, fault: Fault) -> SecondStep {
    SecondStep {
        requests: vec![
            Request::new(verify, 0, true),
            Request::new(Asks::TokensByToken, 0, false),
            Request::new(Asks::Tokens, 0, true),
        ],
        guesses: (10, 0),
        changes: true,
        fault,
    }
}

/// The last two guesses of a budget: two wrong ones and a right one.
fn last_guesses(fault: Fault) -> SecondStep {
    SecondStep {
        requests: vec![
            Request::new(Asks::Tokens, 0, false),
            Request::new(Asks::Tokens, 1, false),
            Request::new(Asks::Tokens, 0, true),
        ],
        guesses: (2, 0),
        changes: false,
        fault,
    }
}

/// Strangers guess while the owner has one guess left.
fn strangers(fault: Fault) -> SecondStep {
    SecondStep {
        requests: vec![
            Request::new(Asks::Guess, 0, false),
            Request::new(Asks::Guess, 1, false),
            Request::new(Asks::Tokens, 0, true),
        ],
        guesses: (1, 0),
        changes: false,
        fault,
    }
}

#[test]
fn no_interleaving_gives_tokens_twice_or_without_a_factor() {
    holds(right_codes(Fault::None), 500);
    holds(verified(Asks::VerifyByToken, Fault::None), 2000);
    holds(verified(Asks::VerifyAlone, Fault::None), 2000);
}

#[test]
fn no_interleaving_compares_more_guesses_than_the_budget_allows() {
    holds(last_guesses(Fault::None), 200);
    let mut closing = last_guesses(Fault::None);
    // One more wrong code in a row closes six-digit codes.
    closing.guesses = (5, 99);
    holds(closing, 200);
}

#[test]
fn no_interleaving_of_strangers_guesses_refuses_the_owners_code() {
    holds(strangers(Fault::None), 200);
}

#[test]
fn a_redemption_in_any_state_is_found() {
    let mut model = verified(Asks::VerifyByToken, Fault::RedeemsAnyState);
    model.requests[2] = Request::new(Asks::TokensByToken, 0, false);
    finds(model, REDEEMED_ONCE);
}

#[test]
fn a_charge_that_is_tried_once_is_found() {
    finds(right_codes(Fault::TriesOnce), RIGHT_IS_RIGHT);
}

#[test]
fn a_time_step_that_is_kept_is_found() {
    finds(right_codes(Fault::KeepsTheStep), STEP_ONCE);
}

#[test]
fn a_comparison_before_the_charge_is_found() {
    let mut model = last_guesses(Fault::ComparesFirst);
    model.guesses = (1, 0);
    finds(model, WITHIN_BUDGET);
}

#[test]
fn a_charge_without_a_limit_is_found() {
    let mut model = last_guesses(Fault::ChargesWithoutLimit);
    model.guesses = (1, 0);
    finds(model, WITHIN_BUDGET);
}

#[test]
fn a_guess_that_is_given_back_twice_is_found() {
    let mut model = last_guesses(Fault::GivesBackTwice);
    model.requests.push(Request::new(Asks::Tokens, 1, false));
    model.guesses = (2, 0);
    finds(model, WITHIN_BUDGET);
}

#[test]
fn a_right_guess_that_stays_charged_is_found() {
    finds(right_codes(Fault::GivesNothingBack), GIVEN_BACK);
}

#[test]
fn a_verify_without_the_token_that_opens_the_token_is_found() {
    let mut model = verified(Asks::VerifyAlone, Fault::AnyVerifyOpensTheToken);
    model.changes = false;
    finds(model, OWN_FACTOR);
}

#[test]
fn a_redemption_after_a_new_password_is_found() {
    finds(
        verified(Asks::VerifyByToken, Fault::AsksNoEpoch),
        PRESENT_EPOCH,
    );
}

#[test]
fn a_budget_that_strangers_share_is_found() {
    finds(strangers(Fault::StrangersShareTheBudget), RIGHT_IS_RIGHT);
}
