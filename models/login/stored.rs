//! What is stored of the logins and the budget, and the verbs of the store.

use countersign_domain::accounts::user::User;
use countersign_domain::factors::factor::{Factor, FactorKind, Sealed};
use countersign_domain::id::{FactorId, LoginId, UserId};
use countersign_domain::login::pending_login::{Login, Proof, State as LoginState};
use countersign_domain::login::throttle::{CODES, WRONG_CODES_IN_A_ROW};
use countersign_domain::{Dialect, Timestamp};

use crate::check::Value;
use crate::login::request::Request;

/// The start of a time step of an authenticator app.
pub const START: Timestamp = 1_800_000_000;

/// The time step whose code the owner's app shows.
pub const STEP: u64 = 60_000_000;

/// A fault that is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The redemption does not ask for the state of the login.
    RedeemsAnyState,
    /// The redemption does not ask whether the time step was used.
    KeepsTheStep,
    /// The guess is compared before it is charged.
    ComparesFirst,
    /// The busy charge does not ask whether the budget allows one more.
    ChargesWithoutLimit,
    /// A right guess is given back twice.
    GivesBackTwice,
    /// A right guess is not given back.
    GivesNothingBack,
    /// A login that anybody verified is completed by its token.
    AnyVerifyOpensTheToken,
    /// The write does not ask for the user's epoch.
    AsksNoEpoch,
    /// The two writes of a charge are tried once only.
    TriesOnce,
    /// A stranger's guess is charged to the user's budget.
    StrangersShareTheBudget,
}

/// The item that counts guesses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Guesses {
    pub tat: Timestamp,
    pub wrong_in_a_row: i64,
}

/// What the requests have done, for the properties.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Done {
    /// How often each login gave tokens.
    pub tokens: [u8; 2],
    /// How often the time step was consumed.
    pub steps_used: u8,
    /// How many guesses were compared, but for those that were given back.
    pub compared: i64,
    /// Whether tokens were given for a login of an earlier epoch.
    pub outdated: bool,
    /// How many guesses with the login's token were wrong.
    pub wrong_with_token: i64,
    /// Whether a request died after it had charged a guess.
    pub charge_lost: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    pub now: Timestamp,
    pub user: Value<User>,
    pub logins: Vec<Value<Login>>,
    pub app: Value<Factor>,
    pub own: Guesses,
    pub strangers: Guesses,
    pub requests: Vec<Request>,
    pub done: Done,
}

/// What a write says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Done,
    LoginOver,
    ProofUsed,
}

/// What a charge says. `Again`: the state of the budget needs the other write.
pub enum Charged {
    Yes,
    Again,
    No,
}

impl State {
    /// The user has an app. `left`: how many guesses the budget allows at the start.
    pub fn start(requests: Vec<Request>, (left, wrong_in_a_row): (i64, i64)) -> Self {
        let user = user();
        let login = |number: u8| {
            let id = LoginId::from_bytes([number; 16]);
            let authorized = countersign_domain::authorization::client::Authorized::default();
            Value(Login::begin(id, &user, authorized, Dialect::Auth0, START))
        };
        let app = Factor {
            id: FactorId::from_bytes([9; 16]),
            confirmed: true,
            created_at: START - 1000,
            kind: FactorKind::Totp {
                seed: Sealed {
                    bytes: Vec::new(),
                    key: 1,
                },
                last_step: None,
            },
        };
        Self {
            now: START,
            logins: vec![login(1), login(2)],
            user: Value(user),
            app: Value(app),
            own: Guesses {
                tat: START + (CODES.burst - left) * CODES.interval,
                wrong_in_a_row,
            },
            strangers: Guesses {
                tat: START,
                wrong_in_a_row: 0,
            },
            requests,
            done: Done::default(),
        }
    }

    /// `Store::count_attempt`, the first write: the budget is idle.
    pub fn charge_idle(&mut self, stranger: bool, at: Timestamp) -> Charged {
        let guesses = self.guesses(stranger);
        if guesses.tat <= at && guesses.wrong_in_a_row < WRONG_CODES_IN_A_ROW {
            guesses.tat = at + CODES.interval;
            guesses.wrong_in_a_row += 1;
            return Charged::Yes;
        }
        guesses.refused(at)
    }

    /// `Store::count_attempt`, the second write: the budget is in use.
    pub fn charge_busy(&mut self, fault: Fault, stranger: bool, at: Timestamp) -> Charged {
        let guesses = self.guesses(stranger);
        let allowed = guesses.tat <= CODES.latest(at) || fault == Fault::ChargesWithoutLimit;
        if guesses.tat > at && allowed && guesses.wrong_in_a_row < WRONG_CODES_IN_A_ROW {
            guesses.tat += CODES.interval;
            guesses.wrong_in_a_row += 1;
            return Charged::Yes;
        }
        guesses.refused(at)
    }

    /// `Store::give_back`.
    pub fn give_back(&mut self, stranger: bool) {
        let guesses = self.guesses(stranger);
        guesses.tat -= CODES.interval;
        guesses.wrong_in_a_row = 0;
    }

    pub fn guesses(&mut self, stranger: bool) -> &mut Guesses {
        if stranger {
            &mut self.strangers
        } else {
            &mut self.own
        }
    }

    /// Whether the login of this read may still move on: `step_part` and
    /// `standing_part`.
    pub fn may_step(&self, fault: Fault, read: &Login, index: usize, at: Timestamp) -> bool {
        let item = &self.logins[index];
        let waits =
            |state: &LoginState| matches!(state, LoginState::Pending | LoginState::CodeSent);
        let state = if waits(&read.state) {
            waits(&item.state)
        } else {
            item.state.name() == read.state.name()
        };
        let state = state || fault == Fault::RedeemsAnyState;
        let standing = self.user.epoch == read.epoch && self.user.active;
        let standing = standing || fault == Fault::AsksNoEpoch;
        state && standing && item.epoch == read.epoch && item.expires_at > at
    }

    /// `consume_part` for a time step.
    pub fn consume(&mut self, fault: Fault, proof: &Proof) -> bool {
        let Proof::Totp { step, .. } = proof else {
            return true;
        };
        let FactorKind::Totp { last_step, .. } = &mut self.app.kind else {
            return false;
        };
        if last_step.is_some_and(|last| last >= *step) && fault != Fault::KeepsTheStep {
            return false;
        }
        *last_step = Some(*step);
        self.done.steps_used += 1;
        true
    }

    /// `Store::verify_login`.
    pub fn verify(&mut self, fault: Fault, write: &Write<'_>, by_token: bool) -> Written {
        if !self.may_step(fault, write.read, write.index, write.at) {
            return Written::LoginOver;
        }
        if !self.consume(fault, write.proof) {
            return Written::ProofUsed;
        }
        let item = &mut self.logins[write.index];
        item.expires_at = write.read.expiry_when_verified(write.at);
        item.state = LoginState::Verified {
            proof: write.proof.clone(),
            by_token,
        };
        Written::Done
    }

    /// `Store::redeem_login`.
    pub fn redeem(&mut self, fault: Fault, write: &Write<'_>) -> Written {
        if !self.may_step(fault, write.read, write.index, write.at) {
            return Written::LoginOver;
        }
        let consumed = matches!(write.read.state, LoginState::Verified { .. });
        if !consumed && !self.consume(fault, write.proof) {
            return Written::ProofUsed;
        }
        self.done.tokens[write.index] += 1;
        self.done.outdated |= self.user.epoch != write.read.epoch;
        self.logins[write.index].state = LoginState::Redeemed;
        Written::Done
    }
}

impl Guesses {
    /// A refused write: whether the other write may succeed.
    pub fn refused(&self, at: Timestamp) -> Charged {
        let closed = self.wrong_in_a_row >= WRONG_CODES_IN_A_ROW;
        match closed || CODES.allowed_at(self.tat) > at {
            true => Charged::No,
            false => Charged::Again,
        }
    }
}

/// What a write is made from.
pub struct Write<'a> {
    pub read: &'a Login,
    pub index: usize,
    pub proof: &'a Proof,
    pub at: Timestamp,
}

pub fn user() -> User {
    User {
        two_factor: true,
        ..User::new(UserId::from_bytes([7; 16]), "user", 0)
    }
}
