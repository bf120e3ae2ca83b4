//! Compares a shown code. The guess is charged first, compared in constant
//! time, and given back if the code is right. A text that cannot be a code is
//! refused before that.

use std::time::Duration;

use crate::domain::factors::factor::{Factor, FactorKind, Method, meant_recovery_codes};
use crate::domain::factors::sent_code::six_digits;
use crate::domain::factors::totp::acceptable_steps;
use crate::domain::id::FactorId;
use crate::domain::login::pending_login::{Login, Proof, SentTo, State};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::keyring::{Ring, recovery_hash};
use crate::store::{CodeGuess, Guesser};
use crate::usecase::Context;
use crate::usecase::login::open_login::{Beside, OpenLogin};

/// A code that comes with neither the password nor a login's token is refused no
/// earlier than after this time. Otherwise the time would tell strangers
/// whether the user is signing in, because only then a guess is charged.
pub(crate) const REFUSED_AFTER: Duration = Duration::from_millis(250);

/// A shown code, and the factor that it is meant for.
#[derive(Clone, Debug)]
pub enum Shown {
    /// A code of an authenticator app: of this app, or of the user's default
    /// app.
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
        /// Where it was sent.
        to: SentTo,
    },
    /// A recovery code.
    Recovery {
        /// As typed.
        code: Secret,
    },
}

impl Shown {
    /// The kind of factor, as far as the shown code says.
    pub(crate) fn method(&self) -> Method {
        match self {
            Self::Totp { .. } => Method::Totp,
            Self::Recovery { .. } => Method::RecoveryCode,
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
    pub(crate) fn sent_to(&self) -> Option<SentTo> {
        match self {
            Self::Sent { to, .. } => Some(*to),
            Self::Totp { .. } | Self::Recovery { .. } => None,
        }
    }

    fn guess(&self) -> CodeGuess {
        match self {
            Self::Totp { .. } | Self::Sent { .. } => CodeGuess::SixDigits,
            Self::Recovery { .. } => CodeGuess::RecoveryCode,
        }
    }

    /// What has to be read to compare the code.
    pub(crate) fn beside(&self) -> Beside {
        match self {
            Self::Totp { factor, .. } => Beside {
                factor: *factor,
                default_totp: true,
                ..Beside::default()
            },
            // The login itself says which codes were sent where.
            Self::Sent { .. } => Beside::default(),
            Self::Recovery { .. } => Beside {
                recovery: true,
                ..Beside::default()
            },
        }
    }

    /// The typed text, in each form that is compared.
    fn typed(&self) -> Vec<Secret> {
        match self {
            Self::Totp { code, .. } | Self::Sent { code, .. } => {
                six_digits(code.expose()).into_iter().collect()
            }
            Self::Recovery { code } => meant_recovery_codes(code.expose()),
        }
    }

    /// Refuses a text that cannot be a code of its kind. Nothing is compared,
    /// so nothing is charged.
    ///
    /// # Errors
    /// `CodeWrong`.
    pub(crate) fn check_form(&self) -> Result<(), Refusal> {
        if self.typed().is_empty() {
            return Err(Refusal::CodeWrong(self.method()));
        }
        Ok(())
    }
}

/// What a shown code may turn out to be.
struct Candidate {
    /// The index of the login.
    login: usize,
    expected: Secret,
    proof: Proof,
}

/// Charges one guess to `guesser`, and compares the code with what these logins
/// of one user expect. Returns the login that the code completes, and the
/// proof. After a right code, the caller of this function must give the guess
/// back, whatever the transaction then says.
///
/// # Errors
/// `CodeWrong`; `CodesExhausted`, `CodesClosed`, but not for strangers; `Broken`
/// if DynamoDB does not answer.
pub(crate) async fn prove(
    context: &Context,
    ring: &Ring,
    logins: &[OpenLogin],
    shown: &Shown,
    guesser: Guesser,
) -> Result<(usize, Proof), Failure> {
    shown.check_form()?;
    let typed = shown.typed();
    // The candidates are made before the charge, so that a fault costs no
    // guess.
    let mut candidates = Vec::new();
    for (at, open) in logins.iter().enumerate() {
        candidates.extend(candidates_of(context, ring, (at, open), shown, &typed)?);
    }
    let wrong = || Refusal::CodeWrong(shown.method());
    charge(context, guesser, shown.guess(), wrong()).await?;
    let mut proven = None;
    for candidate in candidates {
        let fits = |typed: &Secret| candidate.expected.matches(typed.expose());
        let right = typed.iter().map(fits).fold(false, |any, one| any | one);
        if right && proven.is_none() {
            proven = Some((candidate.login, candidate.proof));
        }
    }
    proven.ok_or_else(|| wrong().into())
}

/// Charges one guess before it is compared. A stranger whose budget is
/// exhausted or closed gets `wrong`, the answer of a wrong code, because only a
/// user who is signing in has anything to guess. Another answer would tell
/// strangers that the user exists and is signing in.
///
/// # Errors
/// `wrong`; `CodesExhausted`, `CodesClosed`, but not for strangers; `Broken` if
/// DynamoDB does not answer.
pub(crate) async fn charge(
    context: &Context,
    guesser: Guesser,
    guess: CodeGuess,
    wrong: Refusal,
) -> Result<(), Failure> {
    let charged = context
        .app
        .store
        .count_attempt(guesser, guess, context.now())
        .await;
    match (guesser, charged) {
        (
            Guesser::Stranger(_),
            Err(Failure::Refused(Refusal::CodesExhausted { .. } | Refusal::CodesClosed)),
        ) => Err(wrong.into()),
        (_, charged) => charged,
    }
}

/// Gives a right guess back. A recovery code opens six-digit codes that wrong
/// codes have closed. In ABP's dialect, it opens the strangers' budget too.
/// CodeMaze's dialect has no recovery codes; a reset opens its budgets. A
/// failure is only logged, and the login goes on.
pub(crate) async fn give_back(context: &Context, guesser: Guesser, shown: &Shown, login: &Login) {
    let mut done = context.app.store.give_back(guesser).await;
    let recovered = matches!(shown, Shown::Recovery { .. });
    if recovered && login.dialect.recovery_code_opens_strangers() {
        done = done.and(context.app.store.open_to_strangers(login.user).await);
    }
    if let Err(broken) = done {
        let request_id = context.caller.trace.request_id();
        tracing::warn!(request_id, error = %broken, "a right guess stays charged");
    }
}

fn candidates_of(
    context: &Context,
    ring: &Ring,
    (login, open): (usize, &OpenLogin),
    shown: &Shown,
    typed: &[Secret],
) -> Result<Vec<Candidate>, Broken> {
    // The code of a verified login is compared with the proof that verified it,
    // and with nothing else.
    let proofs = match &open.login.state {
        State::Verified { proof, .. } => vec![proof.clone()],
        State::Redeemed => Vec::new(),
        State::Pending | State::CodeSent => open_proofs(context, open, shown),
    };
    let mut candidates = Vec::new();
    for proof in proofs {
        if let Some(expected) = expected(ring, open, shown, typed, &proof)? {
            candidates.push(Candidate {
                login,
                expected,
                proof,
            });
        }
    }
    Ok(candidates)
}

/// The proofs that are possible for the shown factor.
fn open_proofs(context: &Context, open: &OpenLogin, shown: &Shown) -> Vec<Proof> {
    match shown {
        Shown::Totp { .. } => {
            let takes = |factor: &&Factor| open.login.takes(factor.id, factor.confirmed);
            let Some(factor) = open.factor.as_ref().filter(takes) else {
                return Vec::new();
            };
            let FactorKind::Totp { last_step, .. } = &factor.kind else {
                return Vec::new();
            };
            acceptable_steps(
                context.now(),
                context.app.config.totp_past_steps,
                *last_step,
            )
            .map(|step| Proof::Totp {
                factor: factor.id,
                step,
            })
            .collect()
        }
        Shown::Sent { to, .. } => open
            .login
            .good_sends(*to, context.now())
            // The codes of a login that enrols nothing went to confirmed
            // factors.
            .filter(|sent| open.login.takes(sent.factor, true))
            .map(|sent| Proof::Sent(*sent))
            .collect(),
        Shown::Recovery { .. } if open.login.enrolment.is_some() => Vec::new(),
        Shown::Recovery { .. } => {
            let hashes = open.recovery.iter().flat_map(|recovery| &recovery.hashes);
            hashes
                .map(|hash| Proof::Recovery { hash: hash.clone() })
                .collect()
        }
    }
}

/// The text that this proof expects, if the shown factor can be this proof. The
/// text of a recovery code is not known, so it is the typed text, if its hash
/// fits.
fn expected(
    ring: &Ring,
    open: &OpenLogin,
    shown: &Shown,
    typed: &[Secret],
    proof: &Proof,
) -> Result<Option<Secret>, Broken> {
    match (proof, shown) {
        (
            Proof::Totp {
                factor: recorded,
                step,
            },
            Shown::Totp { .. },
        ) => {
            let Some(factor) = open.factor.as_ref().filter(|factor| factor.id == *recorded) else {
                return Ok(None);
            };
            let FactorKind::Totp { seed, .. } = &factor.kind else {
                return Ok(None);
            };
            Ok(Some(
                ring.open_seed(open.user.id, factor.id, seed)?.code(*step),
            ))
        }
        (Proof::Sent(sent), Shown::Sent { to, .. }) if to.fits(sent) => {
            ring.code(open.login.id, sent).map(Some)
        }
        (Proof::Recovery { hash }, Shown::Recovery { .. }) => {
            let fits =
                |typed: &&Secret| Secret::new(recovery_hash(open.user.id, typed)).matches(hash);
            Ok(typed.iter().find(fits).cloned())
        }
        _ => Ok(None),
    }
}
