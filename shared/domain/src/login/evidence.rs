//! The code at the second step, and what it can prove.

use crate::Timestamp;
use crate::accounts::user::Account;
use crate::factors::factor::{Factor, FactorKind, Method, RecoveryCodes, meant_recovery_codes};
use crate::factors::sent_code::six_digits;
use crate::factors::totp::acceptable_steps;
use crate::id::FactorId;
use crate::login::pending_login::{Login, Proof, SentTo, State};
use crate::refusal::Refusal;
use crate::secret::Secret;

/// A shown code, and the factor that it is meant for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmittedCode {
    /// A code of an authenticator app: of the named app, or of the user's default app.
    Totp {
        /// As typed.
        code: Secret,
        /// The app, if the request names one.
        factor: Option<FactorId>,
    },
    /// A code that was sent.
    Sent {
        /// As typed.
        code: Secret,
        /// The destination of the code.
        to: SentTo,
    },
    Recovery {
        /// As typed.
        code: Secret,
    },
    /// What an authenticator gave, as JSON: a signature, or a new passkey.
    Passkey { response: Secret },
}

impl SubmittedCode {
    /// The kind of factor, as far as the shown code says.
    pub fn method(&self) -> Method {
        match self {
            Self::Totp { .. } => Method::Totp,
            Self::Recovery { .. } => Method::RecoveryCode,
            Self::Passkey { .. } => Method::Passkey,
            Self::Sent {
                to: SentTo::Channel(channel),
                ..
            } => (*channel).into(),
            Self::Sent {
                to: SentTo::Factor(_) | SentTo::Anywhere,
                ..
            } => Method::Email,
        }
    }

    /// Where the code was sent, if it was sent.
    pub fn sent_to(&self) -> Option<SentTo> {
        match self {
            Self::Sent { to, .. } => Some(*to),
            Self::Totp { .. } | Self::Recovery { .. } | Self::Passkey { .. } => None,
        }
    }

    /// The typed text, in each form that is compared.
    pub fn typed(&self) -> Vec<Secret> {
        match self {
            Self::Totp { code, .. } | Self::Sent { code, .. } => {
                six_digits(code.expose()).into_iter().collect()
            }
            Self::Recovery { code } => meant_recovery_codes(code.expose()),
            // A signature is checked, and not compared.
            Self::Passkey { .. } => Vec::new(),
        }
    }

    /// Refuses a text that cannot be a code of its kind. Nothing is compared,
    /// so nothing is charged.
    ///
    /// # Errors
    /// `CodeWrong`.
    pub fn check_typed(&self) -> Result<(), Refusal> {
        if self.typed().is_empty() {
            return Err(Refusal::CodeWrong(self.method()));
        }
        Ok(())
    }
}

/// The code that a user shows to verify a login.
#[derive(Clone, Debug)]
pub enum Evidence {
    /// A code of this factor.
    Of(SubmittedCode),
    /// Six digits without a named factor. If the request has the login's token, they
    /// belong to the factor that the login's newest code went to, or else to the
    /// default authenticator app.
    SixDigits(Secret),
}

impl Evidence {
    /// What a user shows beside the password. Six digits are a code of the
    /// authenticator app if the user has an app; otherwise they are a sent
    /// code.
    pub fn beside_password(&self, account: &Account) -> SubmittedCode {
        match self {
            Self::Of(shown) => shown.clone(),
            Self::SixDigits(code) if account.default_totp().is_some() => SubmittedCode::Totp {
                code: code.clone(),
                factor: None,
            },
            Self::SixDigits(code) => SubmittedCode::Sent {
                code: code.clone(),
                to: SentTo::Anywhere,
            },
        }
    }

    /// The code that a user shows for this login. The request has the login's token.
    pub fn for_login(self, login: &Login) -> SubmittedCode {
        match (self, login.sent.last()) {
            (Self::Of(shown), _) => shown,
            (Self::SixDigits(code), Some(sent)) => SubmittedCode::Sent {
                code,
                to: SentTo::Factor(sent.factor),
            },
            (Self::SixDigits(code), None) => SubmittedCode::Totp { code, factor: None },
        }
    }
}

/// The possible sources of a code: the factors of a user, and the login that the code
/// would complete.
#[derive(Clone, Copy, Debug)]
pub struct Provable<'a> {
    /// The login. `None` for a change of the account by a code of the user's own
    /// authenticator app or by a recovery code, because these belong to no login.
    pub login: Option<&'a Login>,
    /// The user's authenticator app, if it was read.
    pub factor: Option<&'a Factor>,
    /// The recovery codes, if they were read.
    pub recovery: Option<&'a RecoveryCodes>,
}

impl Provable<'_> {
    /// The proofs that the shown code may turn out to be. The code of a verified
    /// login is compared with the proof that verified it, and with nothing else.
    /// `past_steps` is how many 30-second steps an app may be late.
    pub fn proofs(&self, shown: &SubmittedCode, past_steps: u8, now: Timestamp) -> Vec<Proof> {
        match self.login.map(|login| &login.state) {
            Some(State::Verified { proof, .. }) => vec![proof.clone()],
            Some(State::Redeemed) => Vec::new(),
            Some(State::Pending | State::CodeSent) | None => match shown {
                SubmittedCode::Totp { .. } => self.steps(past_steps, now),
                SubmittedCode::Sent { to, .. } => self.sends(*to, now),
                SubmittedCode::Recovery { .. } => self.recovery_codes(),
                SubmittedCode::Passkey { .. } => Vec::new(),
            },
        }
    }

    fn steps(&self, past_steps: u8, now: Timestamp) -> Vec<Proof> {
        let takes = |factor: &&Factor| match self.login {
            Some(login) => login.takes(factor.id, factor.confirmed),
            None => factor.confirmed,
        };
        let Some(factor) = self.factor.filter(takes) else {
            return Vec::new();
        };
        let FactorKind::Totp { last_step, .. } = &factor.kind else {
            return Vec::new();
        };
        let steps = acceptable_steps(now, past_steps, *last_step);
        let proof = |step| Proof::Totp {
            factor: factor.id,
            step,
        };
        steps.map(proof).collect()
    }

    fn sends(&self, to: SentTo, now: Timestamp) -> Vec<Proof> {
        let Some(login) = self.login else {
            return Vec::new();
        };
        let sends = login.good_sends(to, now);
        // The codes of a login that enrols nothing went to confirmed factors.
        let taken = sends.filter(|sent| login.takes(sent.factor, true));
        taken.map(|sent| Proof::Sent(*sent)).collect()
    }

    /// A recovery code confirms no factor.
    fn recovery_codes(&self) -> Vec<Proof> {
        let enrols = self.login.is_some_and(|login| login.enrolment.is_some());
        let codes = self.recovery.filter(|_| !enrols);
        let hashes = codes.into_iter().flat_map(|codes| &codes.hashes);
        let proof = |hash: &String| Proof::Recovery { hash: hash.clone() };
        hashes.map(proof).collect()
    }
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
