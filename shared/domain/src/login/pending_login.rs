//! A pending login: one state machine from the right password to the tokens.
//!
//! ```text
//!   Pending ──send──▶ CodeSent ──send──▶ CodeSent
//!      │                 │
//!      ├─────verify──────┤          (consumes the code)
//!      │                 ▼
//!      │              Verified ──redeem──▶ Redeemed
//!      └──verify and redeem at once──────────▲
//! ```
//!
//! Every state but `Redeemed` ends at `expires_at`, and with the user's epoch.
//! The store repeats each rule as the condition of the write.

use crate::accounts::user::User;
use crate::authorization::client::Authorized;
use crate::factors::enrolment::Enrolment;
use crate::factors::factor::{Channel, Method};
use crate::factors::passkey::{FirstPasskey, SecondKey};
use crate::factors::sent_code::{CODE_SECONDS, COOL_DOWN_SECONDS};
use crate::id::{FactorId, LoginId, UserId};
use crate::refusal::Refusal;
use crate::sessions::authentication::FirstFactor;
use crate::sessions::login_result::LoginResult;
use crate::sessions::stepped_session::SteppedSession;
use crate::{Dialect, Timestamp};

/// Lifetime of a pending login, and so of an `mfa_token`, in seconds.
pub const LOGIN_SECONDS: i64 = 600;

/// How long a verified login may wait to be redeemed, in seconds.
pub const REDEEM_SECONDS: i64 = 120;

/// A code that was sent. The code's value is derived from these fields, and
/// never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentCode {
    /// The earlier login that the code was sent for, if this login adopted the
    /// send. Then the code is spent in that login too.
    pub earlier: Option<LoginId>,
    /// The number of the send in its login: 1, 2, … It is the HOTP counter.
    pub number: u32,
    /// The factor that the code went to.
    pub factor: FactorId,
    /// The channel of the send.
    pub channel: Channel,
    /// The time of the send.
    pub at: Timestamp,
    /// Number of the data key that the code is derived from.
    pub key: u32,
}

/// What the caller says about where a shown code was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentTo {
    Factor(FactorId),
    Channel(Channel),
    Anywhere,
}

impl SentTo {
    /// Whether this send went there.
    pub fn fits(self, sent: &SentCode) -> bool {
        match self {
            Self::Factor(factor) => sent.factor == factor,
            Self::Channel(channel) => sent.channel == channel,
            Self::Anywhere => true,
        }
    }
}

/// What completed the second step. The write that records a proof also consumes
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A time step of an authenticator app.
    Totp {
        /// The app.
        factor: FactorId,
        /// The 30-second step.
        step: u64,
    },
    /// A code that was sent.
    Sent(SentCode),
    Recovery {
        /// The hash of the code.
        hash: String,
    },
    /// The signature of a passkey, or a new passkey.
    Passkey(PasskeyProof),
}

/// A passkey that has signed the challenge of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasskeyProof {
    pub factor: FactorId,
    /// How often the authenticator has signed, with this time. Zero if it does not count.
    pub counter: u32,
    /// Whether the private key has been copied.
    pub is_copied: bool,
    pub key: SecondKey,
}

impl Proof {
    /// Whether a code of this factor was shown.
    pub fn is_of(&self, of: FactorId) -> bool {
        match self {
            Self::Totp { factor, .. } => *factor == of,
            Self::Sent(sent) => sent.factor == of,
            Self::Recovery { .. } => false,
            Self::Passkey(passkey) => passkey.factor == of,
        }
    }

    /// The key of the passkey that was shown.
    pub fn second_key(&self) -> Option<SecondKey> {
        match self {
            Self::Passkey(passkey) => Some(passkey.key),
            Self::Totp { .. } | Self::Sent(_) | Self::Recovery { .. } => None,
        }
    }

    /// The kind of factor that was shown.
    pub fn method(&self) -> Method {
        match self {
            Self::Totp { .. } => Method::Totp,
            Self::Sent(sent) => sent.channel.into(),
            Self::Recovery { .. } => Method::RecoveryCode,
            Self::Passkey(_) => Method::Passkey,
        }
    }
}

/// The state of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The password was right.
    Pending,
    /// At least one code was sent.
    CodeSent,
    /// The second factor was shown, but no tokens were given yet.
    Verified {
        /// The proof that the user has shown.
        proof: Proof,
        /// Whether the verify carried the login's token. Only then may the
        /// token alone complete the login, because its holder has verified.
        by_token: bool,
    },
    /// Tokens were given. This is the last state.
    Redeemed,
}

impl State {
    /// The name as it stands in the table.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::CodeSent => "sent",
            Self::Verified { .. } => "verified",
            Self::Redeemed => "redeemed",
        }
    }
}

/// The content of the `LOGIN` item.
#[derive(Clone, Debug)]
pub struct Login {
    pub id: LoginId,
    /// The user who signs in.
    pub user: UserId,
    pub state: State,
    /// The user's epoch when the password was right.
    pub epoch: u64,
    /// What was asked for, and by which client.
    pub authorized: Authorized,
    /// The dialect in which the login began.
    pub dialect: Dialect,
    /// When the password was right.
    pub created_at: Timestamp,
    /// When the login expires.
    pub expires_at: Timestamp,
    /// How many sends were recorded.
    pub sends: u32,
    /// The two newest sends, newest last.
    pub sent: Vec<SentCode>,
    /// The enrolment, if one was begun. Then only a code of the new factor
    /// completes the login.
    pub enrolment: Option<Enrolment>,
    /// Whether a code has shown that the person who signs in reads the user's
    /// confirmed address. Then the login may enrol a factor that the password
    /// alone may not enrol.
    pub address_shown: bool,
    /// The network that the right password came from, as a hash. It is kept
    /// only if the second step shows neither the password nor a token.
    pub network: Option<String>,
    /// The name and the network that the right password came with, as one hash.
    /// Completing the login makes the network known to the name.
    pub came_from: Option<String>,
    /// The mailbox or number whose code began the login, if no password did. It is no
    /// second factor of the login.
    pub mailbox: Option<String>,
    /// The passkey that began the login, if one did.
    pub passkey: Option<FirstPasskey>,
    /// Whether a passkey may be the second factor.
    pub asks_for_passkey: bool,
    /// The session that the login makes stronger or younger, if a refresh or an
    /// authorization request began it.
    pub steps_up: Option<SteppedSession>,
}

impl Login {
    /// Whether a code of this factor may complete the login. If the login
    /// enrols a factor, only that factor may; otherwise any confirmed factor
    /// may.
    pub fn takes(&self, factor: FactorId, confirmed: bool) -> bool {
        match &self.enrolment {
            None => confirmed,
            Some(enrolment) => enrolment.factor == factor,
        }
    }

    /// What the login stores when it is completed. Its session lives no longer than the
    /// session that the login makes stronger.
    pub fn bounded(&self, result: LoginResult) -> LoginResult {
        match self.steps_up {
            None => result,
            Some(stepped) => stepped.bounds(result),
        }
    }

    /// What the user showed to begin the login.
    pub fn first_factor(&self) -> FirstFactor {
        match (self.passkey, &self.mailbox) {
            (Some(passkey), _) => FirstFactor::Passkey(passkey.place),
            (None, Some(to)) => FirstFactor::of_code_to(to),
            (None, None) => FirstFactor::Password,
        }
    }

    /// The second factor that the first factor stands for too: a passkey may count as two.
    pub fn second_of_first(&self) -> Option<Method> {
        let two = self.passkey.is_some_and(|passkey| passkey.counts_as_two);
        two.then_some(Method::Passkey)
    }

    /// The key of the passkey that has verified the login, if one has.
    pub fn verified_key(&self) -> Option<SecondKey> {
        match &self.state {
            State::Verified { proof, .. } => proof.second_key(),
            State::Pending | State::CodeSent | State::Redeemed => None,
        }
    }

    /// Whether the login still waits for its code.
    pub fn awaits_code(&self) -> bool {
        matches!(self.state, State::Pending | State::CodeSent)
    }

    /// Whether a signed-in session began the login to enrol a factor.
    pub fn is_of_session(&self) -> bool {
        let enrolment = self.enrolment.as_ref();
        enrolment.is_some_and(|enrolment| enrolment.session.is_some())
    }

    /// Refuses a login that is over.
    ///
    /// # Errors
    /// `LoginExpired`: the login has expired or was redeemed, or the user's
    /// epoch has changed since.
    pub fn check_live(&self, user: &User, now: Timestamp) -> Result<(), Refusal> {
        let over = self.expires_at <= now
            || self.state == State::Redeemed
            || self.epoch != user.epoch
            || !user.active;
        if over {
            Err(Refusal::LoginExpired)
        } else {
            Ok(())
        }
    }

    /// Refuses a client other than the one that began the login.
    ///
    /// # Errors
    /// `LoginTokenMalformed`: a stranger learns nothing about the login.
    pub fn check_began_by(&self, client: &str) -> Result<(), Refusal> {
        if self.authorized.client == client {
            Ok(())
        } else {
            Err(Refusal::LoginTokenMalformed)
        }
    }

    /// The next send to this factor, with the data key that derives its code.
    ///
    /// # Errors
    /// `LoginExpired` once the login is verified; `SendTooSoon` within 30
    /// seconds of the last send to this factor.
    pub fn next_send(
        &self,
        factor: FactorId,
        channel: Channel,
        key: u32,
        now: Timestamp,
    ) -> Result<SentCode, Refusal> {
        if !self.awaits_code() {
            return Err(Refusal::LoginExpired);
        }
        let last = self.sent.iter().rev().find(|sent| sent.factor == factor);
        if let Some(retry_at) = last.map(|sent| sent.at + COOL_DOWN_SECONDS)
            && retry_at > now
        {
            return Err(Refusal::SendTooSoon { retry_at });
        }
        Ok(SentCode {
            earlier: None,
            number: self.sends + 1,
            factor,
            channel,
            at: now,
            key,
        })
    }

    /// The two newest sends after this send is recorded.
    pub fn newest_with(&self, sent: SentCode) -> Vec<SentCode> {
        self.sent
            .last()
            .copied()
            .into_iter()
            .chain([sent])
            .collect()
    }

    /// The sends there whose codes are still valid, newest first. The codes of
    /// the login's last two sends are valid, each for five minutes.
    pub fn good_sends(&self, to: SentTo, now: Timestamp) -> impl Iterator<Item = &SentCode> {
        self.sent
            .iter()
            .rev()
            .filter(move |sent| to.fits(sent) && sent.at + CODE_SECONDS > now)
    }

    /// When a login expires that is verified at `now`.
    pub fn expiry_when_verified(&self, now: Timestamp) -> Timestamp {
        self.expires_at.min(now + REDEEM_SECONDS)
    }

    /// Whether this proof has verified the login. A repeated request with the same
    /// code succeeds too.
    pub fn is_verified_by(&self, ours: &Proof) -> bool {
        match &self.state {
            State::Verified { proof, .. } => proof == ours,
            State::Pending | State::CodeSent | State::Redeemed => false,
        }
    }

    /// The authenticator app that a code has to be of, if the login says so: the
    /// app that verified the login, or the new factor that the login enrols.
    pub fn app(&self) -> Option<FactorId> {
        let enrolled = self.enrolment.as_ref().map(|enrolment| enrolment.factor);
        self.verified_with_app().or(enrolled)
    }

    /// The authenticator app whose code verified the login, if one did.
    fn verified_with_app(&self) -> Option<FactorId> {
        match &self.state {
            State::Verified {
                proof: Proof::Totp { factor, .. },
                ..
            } => Some(*factor),
            State::Pending | State::CodeSent | State::Verified { .. } | State::Redeemed => None,
        }
    }

    /// The proof behind a completion by the login's token alone, without a
    /// code.
    ///
    /// # Errors
    /// `CodeMissing` unless the login was verified with this token.
    pub fn proof_by_token(&self, expected: Method) -> Result<&Proof, Refusal> {
        match &self.state {
            State::Verified {
                proof,
                by_token: true,
            } => Ok(proof),
            State::Pending | State::CodeSent | State::Verified { .. } | State::Redeemed => {
                Err(Refusal::CodeMissing(expected))
            }
        }
    }
}

#[cfg(test)]
#[path = "pending_login_tests.rs"]
mod tests;
