//! The enrolment of a factor by two logins at once: the owner's, and the login of a thief
//! who knows the password.

use countersign_domain::accounts::user::{Account, ConfirmationPolicy, User};
use countersign_domain::authorization::client::Authorized;
use countersign_domain::factors::enrolment::{Enrolment, MOST_FACTORS, check_owned, check_room};
use countersign_domain::factors::factor::{Channel, Factor, FactorKind};
use countersign_domain::id::{FactorId, LoginId};
use countersign_domain::login::pending_login::{LOGIN_SECONDS, Login, State as LoginState};
use countersign_domain::{Dialect, Timestamp};
use stateright::{Model, Property};

use crate::check::{Value, finds, holds};
use crate::login::user;

const START: Timestamp = 1_800_000_000;

/// A fault that is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// The confirmation does not ask for the user's epoch.
    ConfirmsInAnyEpoch,
    /// A login is completed by a code of any factor.
    TakesAnyFactor,
    /// The beginning does not count enrolments in its condition.
    CountsNoEnrolments,
    /// Nobody asks whose account it is.
    AsksNoOwner,
}

/// What a request asks for, of its login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asks {
    /// To enrol the phone of this number.
    Begin(u8),
    /// To confirm a factor by the code of the phone of this number.
    Confirm(u8),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Request {
    login: usize,
    asks: Asks,
    step: Step,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    New,
    /// The account and the login as they were read.
    Read(Box<(Value<Account>, Value<Login>)>),
    Ended(bool),
    Died,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    account: Value<Account>,
    logins: Vec<Value<Login>>,
    requests: Vec<Request>,
    /// The epoch of each login that confirmed a factor, and whether the factor was its
    /// own.
    confirmed: Vec<(u64, bool)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Action {
    Go(usize),
    Die(usize),
}

struct Enrolments {
    requests: Vec<(usize, Asks)>,
    /// How many confirmed factors the user has.
    factors: usize,
    /// Whether the user's address was confirmed.
    owned: bool,
    fault: Fault,
}

fn factor_id(number: u8) -> FactorId {
    FactorId::from_bytes([number; 16])
}

fn phone(number: u8, confirmed: bool) -> Factor {
    Factor {
        id: factor_id(number),
        confirmed,
        created_at: START,
        kind: FactorKind::Address {
            channel: Channel::Sms,
            to: format!("+1555555{number:04}"),
        },
    }
}

impl Enrolments {
    fn go(&self, state: &mut State, index: usize) {
        let request = state.requests[index].clone();
        let step = match request.step {
            Step::New => {
                let login = state.logins[request.login].clone();
                if login.check_live(&state.account.user, START).is_err() {
                    Step::Ended(false)
                } else {
                    Step::Read(Box::new((state.account.clone(), login)))
                }
            }
            Step::Read(read) => {
                let (account, login) = *read;
                let login = (request.login, &*login);
                Step::Ended(match request.asks {
                    Asks::Begin(number) => self.begin(state, &account, login, number),
                    Asks::Confirm(number) => self.confirm(state, login, number),
                })
            }
            ended => ended,
        };
        state.requests[index].step = step;
    }

    /// `usecase::factors::enroll` after its read, and `Store::begin_enrolment`.
    fn begin(
        &self,
        state: &mut State,
        read: &Account,
        (index, login): (usize, &Login),
        number: u8,
    ) -> bool {
        let factor = phone(number, false);
        let owned = check_owned(ConfirmationPolicy::default(), &read.user, &factor).is_ok();
        let owned = owned || self.fault == Fault::AsksNoOwner;
        if !owned || check_room(read, START).is_err() {
            return false;
        }
        let user = &state.account.user;
        let counted = user.enrolments == read.user.enrolments;
        let counted = counted || self.fault == Fault::CountsNoEnrolments;
        let item = &state.logins[index];
        let waits = matches!(item.state, LoginState::Pending | LoginState::CodeSent);
        let epoch = user.epoch == read.user.epoch && item.epoch == login.epoch;
        if !counted || !waits || !epoch || item.expires_at <= START {
            return false;
        }
        state.account.user.enrolments += 1;
        state.account.factors.push(factor);
        state.logins[index].enrolment = Some(Enrolment {
            factor: factor_id(number),
            session: None,
            replaces: Vec::new(),
            recovery: None,
        });
        true
    }

    /// `prove` and `Store::confirm_enrolment`.
    fn confirm(&self, state: &mut State, (index, login): (usize, &Login), number: u8) -> bool {
        let factors = &state.account.factors;
        let Some(at) = factors
            .iter()
            .position(|factor| factor.id == factor_id(number))
        else {
            return false;
        };
        let takes = login.takes(factor_id(number), factors[at].confirmed);
        let takes = takes || self.fault == Fault::TakesAnyFactor;
        if !takes || login.enrolment.is_none() {
            return false;
        }
        let item = &state.logins[index];
        let waits = matches!(item.state, LoginState::Pending | LoginState::CodeSent);
        let epoch = state.account.user.epoch == login.epoch;
        let epoch = epoch || self.fault == Fault::ConfirmsInAnyEpoch;
        if !waits || !epoch || item.epoch != login.epoch || item.expires_at <= START {
            return false;
        }
        let enrolled = login.enrolment.as_ref().unwrap().factor;
        state
            .confirmed
            .push((login.epoch, enrolled == factor_id(number)));
        state.account.factors[at].confirmed = true;
        state.account.user.epoch += 1;
        state.logins[index].state = LoginState::Redeemed;
        true
    }
}

impl Model for Enrolments {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let user = User {
            email: Some("owner@example.com".to_owned()),
            email_confirmed: self.owned,
            ..user()
        };
        let login = |number: u8| {
            let id = LoginId::from_bytes([number; 16]);
            let login = Login::begin(id, &user, Authorized::default(), Dialect::Auth0, START);
            assert_eq!(login.expires_at, START + LOGIN_SECONDS);
            Value(login)
        };
        let factors = (0..self.factors).map(|at| phone(100 + u8::try_from(at).unwrap(), true));
        let request = |(login, asks): &(usize, Asks)| Request {
            login: *login,
            asks: *asks,
            step: Step::New,
        };
        vec![State {
            logins: vec![login(1), login(2)],
            account: Value(Account {
                factors: factors.collect(),
                user,
                recovery: None,
                closed_factor: false,
            }),
            requests: self.requests.iter().map(request).collect(),
            confirmed: Vec::new(),
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (index, request) in state.requests.iter().enumerate() {
            match request.step {
                Step::New => actions.push(Action::Go(index)),
                Step::Read(..) => {
                    actions.push(Action::Go(index));
                    actions.push(Action::Die(index));
                }
                Step::Ended(_) | Step::Died => {}
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Go(index) => self.go(&mut next, index),
            Action::Die(index) => next.requests[index].step = Step::Died,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ONE_IN_AN_EPOCH, |_, state: &State| {
                let mut epochs: Vec<u64> =
                    state.confirmed.iter().map(|(epoch, _)| *epoch).collect();
                epochs.sort_unstable();
                epochs.windows(2).all(|pair| pair[0] != pair[1])
            }),
            Property::always(OWN_LOGIN, |_, state: &State| {
                state.confirmed.iter().all(|(_, own)| *own)
            }),
            Property::always(TEN_FACTORS, |_, state: &State| {
                state.account.factors.len() <= MOST_FACTORS
            }),
            Property::always(OWNED, |_, state: &State| {
                state.account.user.is_owned() || state.account.factors.is_empty()
            }),
            Property::sometimes("a request ends", |_, state: &State| {
                let ended = |request: &Request| matches!(request.step, Step::Ended(_));
                state.requests.iter().any(ended)
            }),
        ]
    }
}

const ONE_IN_AN_EPOCH: &str = "of the enrolments of an epoch, one is confirmed";
const OWN_LOGIN: &str = "a login confirms the factor that it enrols, and no other";
const TEN_FACTORS: &str = "a user has ten factors at most";
const OWNED: &str = "an account that nobody owns has no factor";

/// Owner and thief each begin an enrolment and confirm it. The thief also shows the code
/// of the owner's phone.
fn both(fault: Fault) -> Enrolments {
    Enrolments {
        requests: vec![
            (0, Asks::Begin(1)),
            (0, Asks::Confirm(1)),
            (1, Asks::Begin(2)),
            (1, Asks::Confirm(2)),
            (1, Asks::Confirm(1)),
        ],
        factors: 0,
        owned: true,
        fault,
    }
}

/// A user with nine factors, and three enrolments at once.
fn nearly_full(fault: Fault) -> Enrolments {
    Enrolments {
        requests: vec![
            (0, Asks::Begin(1)),
            (1, Asks::Begin(2)),
            (1, Asks::Begin(3)),
        ],
        factors: MOST_FACTORS - 1,
        owned: true,
        fault,
    }
}

fn squatter(fault: Fault) -> Enrolments {
    Enrolments {
        owned: false,
        ..both(fault)
    }
}

#[test]
fn no_interleaving_of_enrolments_leaves_a_factor_that_the_owner_did_not_confirm() {
    holds(both(Fault::None), 500);
    holds(nearly_full(Fault::None), 50);
    holds(squatter(Fault::None), 50);
}

#[test]
fn a_confirmation_in_any_epoch_is_found() {
    finds(both(Fault::ConfirmsInAnyEpoch), ONE_IN_AN_EPOCH);
}

#[test]
fn a_login_that_takes_any_factor_is_found() {
    finds(both(Fault::TakesAnyFactor), OWN_LOGIN);
}

#[test]
fn enrolments_that_are_not_counted_are_found() {
    finds(nearly_full(Fault::CountsNoEnrolments), TEN_FACTORS);
}

#[test]
fn an_enrolment_that_asks_for_no_owner_is_found() {
    finds(squatter(Fault::AsksNoOwner), OWNED);
}
