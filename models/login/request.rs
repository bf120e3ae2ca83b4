//! A request of a second step: what it asks for, and how far it has come.

use countersign_domain::Timestamp;
use countersign_domain::factors::factor::Factor;
use countersign_domain::login::pending_login::{Login, Proof};

use crate::check::Value;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asks {
    /// The tokens of a login, for its token and a code.
    Tokens,
    /// To verify a login, by its token and a code.
    VerifyByToken,
    /// To verify a login without its token: the name and a code.
    VerifyAlone,
    /// The tokens of a login, for its token alone.
    TokensByToken,
    /// To guess a code without the password or a token.
    Guess,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    pub asks: Asks,
    /// The login that the request means.
    pub login: usize,
    /// Whether the code is right, or else wrong.
    pub right: bool,
    pub step: Step,
    /// When the request began.
    pub at: Timestamp,
}

/// What a request read: login, user's standing, and app.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Read {
    pub login: Value<Login>,
    pub app: Value<Factor>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    New,
    /// What was read, and how often the charge was tried.
    Opened(Read, u8),
    /// The first write of the charge said that the budget is in use.
    Busy(Read, u8),
    Charged(Read),
    /// The login was over. The request looks again whether the same code verified it.
    LooksAgain(Value<Proof>),
    /// The login is as it was read again.
    Again(Read, Value<Proof>),
    /// The code was right. The guess is given back, whatever the write said.
    GivesBack(Outcome),
    Ended(Outcome),
    Died,
}

/// What the request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    Tokens,
    Verified,
    Over,
    Wrong,
    /// The budget allows no comparison.
    Locked,
}
