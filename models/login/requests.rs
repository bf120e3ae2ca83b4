//! The requests of a second step: the calls that each makes, and what it decides between
//! them.

use countersign_domain::factors::factor::Method;
use countersign_domain::login::evidence::{Provable, SubmittedCode};
use countersign_domain::login::pending_login::{Proof, State as LoginState};
use countersign_domain::secret::Secret;

use crate::check::Value;
use crate::login::request::{Asks, Outcome, Read, Request, Step};
use crate::login::stored::{Charged, Fault, STEP, State, Write, Written};

/// How many 30-second steps an app may be late.
const PAST_STEPS: u8 = 1;

/// How often the two writes of a charge are tried.
const TRIES: u8 = 3;

impl Request {
    pub fn new(asks: Asks, login: usize, right: bool) -> Self {
        Self {
            asks,
            login,
            right,
            step: Step::New,
            at: 0,
        }
    }

    pub fn outcome(&self) -> Option<Outcome> {
        match self.step {
            Step::Ended(outcome) => Some(outcome),
            _ => None,
        }
    }

    pub fn is_running(&self) -> bool {
        !matches!(self.step, Step::New | Step::Ended(_) | Step::Died)
    }

    /// Whether the guess is charged to the strangers' budget.
    fn is_stranger(&self, fault: Fault) -> bool {
        let alone = matches!(self.asks, Asks::Guess | Asks::VerifyAlone);
        alone && fault != Fault::StrangersShareTheBudget
    }

    /// The proof that the shown code is, if it is right.
    fn proven(&self, read: &Read) -> Option<Proof> {
        let provable = Provable {
            login: Some(&read.login),
            factor: Some(&read.app),
            recovery: None,
        };
        let shown = SubmittedCode::Totp {
            code: Secret::new("000000".to_owned()),
            factor: None,
        };
        let mut proofs = provable.proofs(&shown, PAST_STEPS, self.at).into_iter();
        // The code of a step fits that step. A wrong code fits none.
        let fits = |proof: &Proof| matches!(proof, Proof::Totp { step, .. } if *step == STEP);
        proofs.find(|proof| self.right && fits(proof))
    }
}

/// One call to the table, with what is decided after it.
pub fn go(state: &mut State, index: usize, fault: Fault) {
    let mut request = state.requests[index].clone();
    request.step = match request.step.clone() {
        Step::New => {
            request.at = state.now;
            open(state, &request, fault)
        }
        Step::Opened(read, tries) => {
            match state.charge_idle(request.is_stranger(fault), request.at) {
                Charged::Yes => Step::Charged(read),
                Charged::Again => Step::Busy(read, tries),
                Charged::No => Step::Ended(Outcome::Locked),
            }
        }
        Step::Busy(read, tries) => {
            let most = if fault == Fault::TriesOnce { 1 } else { TRIES };
            match state.charge_busy(fault, request.is_stranger(fault), request.at) {
                Charged::Yes => Step::Charged(read),
                Charged::Again if tries + 1 < most => Step::Opened(read, tries + 1),
                Charged::Again | Charged::No => Step::Ended(Outcome::Locked),
            }
        }
        Step::Charged(read) => {
            if fault != Fault::ComparesFirst {
                state.done.compared += 1;
            }
            compare_and_write(state, &request, &read, fault)
        }
        Step::LooksAgain(proof) => {
            let login = state.logins[request.login].clone();
            let alike = matches!(&login.state, LoginState::Verified { proof: other, .. } if *other == *proof);
            let live = login.check_live(&state.user, request.at).is_ok();
            let app = state.app.clone();
            if alike && live {
                Step::Again(Read { login, app }, proof)
            } else {
                Step::GivesBack(Outcome::Over)
            }
        }
        Step::Again(read, proof) => {
            let written = redeem(state, &request, &read, &proof, fault);
            Step::GivesBack(outcome(written, Outcome::Tokens))
        }
        Step::GivesBack(outcome) => {
            let times = match fault {
                Fault::GivesNothingBack => 0,
                Fault::GivesBackTwice => 2,
                _ => 1,
            };
            for _ in 0..times {
                state.give_back(request.is_stranger(fault));
            }
            state.done.compared -= 1;
            Step::Ended(outcome)
        }
        ended @ (Step::Ended(_) | Step::Died) => ended,
    };
    state.requests[index] = request;
}

/// Reads login, user and app, and refuses a login that is over.
fn open(state: &mut State, request: &Request, fault: Fault) -> Step {
    let login = state.logins[request.login].clone();
    let epoch = fault == Fault::AsksNoEpoch;
    if login.check_live(&state.user, request.at).is_err() && !epoch {
        return Step::Ended(Outcome::Over);
    }
    let read = Read {
        login,
        app: state.app.clone(),
    };
    if request.asks != Asks::TokensByToken {
        // A fault: a wrong code is told before its charge.
        if fault == Fault::ComparesFirst {
            state.done.compared += 1;
        }
        return Step::Opened(read, 0);
    }
    let mut login = read.login.clone();
    if let LoginState::Verified { by_token, .. } = &mut login.state {
        *by_token |= fault == Fault::AnyVerifyOpensTheToken;
    }
    match login.proof_by_token(Method::Totp) {
        Err(_) => Step::Ended(Outcome::Wrong),
        // The write is the next call.
        Ok(_) => Step::Charged(read),
    }
}

fn compare_and_write(state: &mut State, request: &Request, read: &Read, fault: Fault) -> Step {
    if request.asks == Asks::TokensByToken {
        // No code was compared.
        state.done.compared -= i64::from(fault != Fault::ComparesFirst);
        let LoginState::Verified { proof, .. } = &read.login.state else {
            return Step::Ended(Outcome::Wrong);
        };
        let written = redeem(state, request, read, proof, fault);
        return Step::Ended(outcome(written, Outcome::Tokens));
    }
    let Some(proof) = request.proven(read) else {
        let with_token = !matches!(request.asks, Asks::Guess | Asks::VerifyAlone);
        state.done.wrong_with_token += i64::from(with_token);
        return Step::Ended(Outcome::Wrong);
    };
    match request.asks {
        Asks::VerifyByToken | Asks::VerifyAlone | Asks::Guess => {
            let by_token = request.asks == Asks::VerifyByToken;
            // The same code shown again verifies nothing anew.
            if matches!(read.login.state, LoginState::Verified { .. }) {
                return Step::GivesBack(Outcome::Verified);
            }
            let write = write(request, read, &proof);
            let written = state.verify(fault, &write, by_token);
            Step::GivesBack(outcome(written, Outcome::Verified))
        }
        Asks::Tokens | Asks::TokensByToken => match redeem(state, request, read, &proof, fault) {
            Written::LoginOver => Step::LooksAgain(Value(proof)),
            written => Step::GivesBack(outcome(written, Outcome::Tokens)),
        },
    }
}

fn write<'a>(request: &Request, read: &'a Read, proof: &'a Proof) -> Write<'a> {
    Write {
        read: &read.login,
        index: request.login,
        proof,
        at: request.at,
    }
}

fn redeem(
    state: &mut State,
    request: &Request,
    read: &Read,
    proof: &Proof,
    fault: Fault,
) -> Written {
    state.redeem(fault, &write(request, read, proof))
}

fn outcome(written: Written, done: Outcome) -> Outcome {
    match written {
        Written::Done => done,
        Written::LoginOver => Outcome::Over,
        Written::ProofUsed => Outcome::Wrong,
    }
}
