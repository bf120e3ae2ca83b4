//! Compares a shown code. The guess is charged first, compared in constant
//! time, and given back if the code is right. A text that cannot be a code is
//! refused before that.

use crate::domain::accounts::password::PasswordHash;
use crate::domain::accounts::user::Account;
use crate::domain::factors::factor::{FactorKind, is_former_code};
use crate::domain::id::UserId;
use crate::domain::login::evidence::{Provable, SubmittedCode};
use crate::domain::login::pending_login::Proof;
use crate::domain::login::throttle::Guesser;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::keyring::{Ring, recovery_hash};
use crate::store::CodeGuess;
use crate::usecase::context::Context;

fn guess_of(shown: &SubmittedCode) -> CodeGuess {
    match shown {
        SubmittedCode::Totp { .. } | SubmittedCode::Sent { .. } => CodeGuess::SixDigits,
        SubmittedCode::Recovery { .. } | SubmittedCode::Passkey { .. } => CodeGuess::Unguessable,
    }
}

/// A shown code, as one guess.
#[derive(Clone, Copy)]
pub(crate) struct Guess<'a> {
    pub shown: &'a SubmittedCode,
    /// The budget that the guess is charged to.
    pub charged_to: Guesser,
}

/// What a shown code is compared with.
pub(crate) trait CodeTarget {
    /// The user whose code it is.
    fn user(&self) -> UserId;

    /// The login and the factors that the code may be of.
    fn provable(&self) -> Provable<'_>;
}

/// The user's own authenticator app and recovery codes, for a change of the
/// account outside a login.
pub(crate) struct OwnFactors<'a>(pub &'a Account);

impl CodeTarget for OwnFactors<'_> {
    fn user(&self) -> UserId {
        self.0.user.id
    }

    fn provable(&self) -> Provable<'_> {
        Provable {
            login: None,
            factor: self.0.default_totp(),
            recovery: self.0.recovery.as_ref(),
        }
    }
}

/// What a shown code may turn out to be.
struct Candidate<'a, T> {
    target: &'a T,
    expected: Secret,
    proof: Proof,
}

/// Charges one guess, and compares the code with what these targets of one user
/// expect. Returns the target that the code fits, and the proof. After a right
/// code, the caller of this function must give the guess back, whatever the
/// transaction then says.
///
/// # Errors
/// `CodeWrong`; `CodesExhausted`, `CodesClosed`, but not for strangers; `Broken`
/// if DynamoDB does not answer.
pub(crate) async fn prove<'a, T: CodeTarget>(
    context: &Context,
    ring: &Ring,
    targets: &'a [T],
    guess: Guess<'_>,
) -> Result<(&'a T, Proof), Failure> {
    let shown = guess.shown;
    context.events.is_about_factor(shown.method());
    shown.check_typed()?;
    let typed = shown.typed();
    // The candidates are made before the charge, so that a fault costs no
    // guess.
    let mut candidates = Vec::new();
    for target in targets {
        candidates.extend(candidates_of(context, ring, target, shown)?);
    }
    let wrong = || Refusal::CodeWrong(shown.method());
    charge(context, guess.charged_to, guess_of(shown), wrong()).await?;
    let mut proven = None;
    for candidate in candidates {
        let fits = |typed: &Secret| candidate.expected.matches(typed.expose());
        let right = typed.iter().map(fits).fold(false, |any, one| any | one);
        if right && proven.is_none() {
            proven = Some((candidate.target, candidate.proof));
        }
    }
    proven.ok_or_else(|| wrong().into())
}

/// Charges one guess before it is compared. `Guesser::told_instead` says who gets `wrong`.
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
    match charged {
        Err(Failure::Refused(refusal)) => Err(guesser.told_instead(refusal, wrong).into()),
        charged => charged,
    }
}

/// Gives a right guess back. A recovery code opens six-digit codes that wrong
/// codes have closed. In ABP's dialect, it opens the strangers' budget too.
/// CodeMaze's dialect has no recovery codes; a reset opens its budgets. A
/// failure is only logged, and the login goes on.
pub(crate) async fn give_guess_back(context: &Context, guess: Guess<'_>, target: &impl CodeTarget) {
    let mut done = context.app.store.give_back(guess.charged_to).await;
    let recovered = matches!(guess.shown, SubmittedCode::Recovery { .. });
    let login = target.provable().login;
    let dialect = login.map_or(context.caller.dialect, |login| login.dialect);
    if recovered && dialect.recovery_code_opens_strangers() {
        done = done.and(context.app.store.open_to_strangers(target.user()).await);
    }
    if let Err(broken) = done {
        let request_id = context.caller.trace.request_id();
        tracing::warn!(
            request_id,
            error = %broken,
            "the charge for a right guess was not given back"
        );
    }
}

fn candidates_of<'a, T: CodeTarget>(
    context: &Context,
    ring: &Ring,
    target: &'a T,
    shown: &SubmittedCode,
) -> Result<Vec<Candidate<'a, T>>, Broken> {
    let past_steps = context.app.config.totp_past_steps;
    let proofs = target.provable().proofs(shown, past_steps, context.now());
    let recovery = recovery_hashes(context, target.user(), shown, &proofs)?;
    let typed = TypedCode {
        shown,
        recovery: &recovery,
    };
    let mut candidates = Vec::new();
    for proof in proofs {
        if let Some(expected) = expected(ring, target, typed, &proof)? {
            candidates.push(Candidate {
                target,
                expected,
                proof,
            });
        }
    }
    Ok(candidates)
}

/// A typed recovery code with a hash that the code may have.
struct TypedRecovery {
    code: Secret,
    hash: Secret,
}

/// The hashes that a typed recovery code may have. The argon2id of a former system's
/// codes is computed only if the user has such codes left.
fn recovery_hashes(
    context: &Context,
    user: UserId,
    shown: &SubmittedCode,
    proofs: &[Proof],
) -> Result<Vec<TypedRecovery>, Broken> {
    if !matches!(shown, SubmittedCode::Recovery { .. }) {
        return Ok(Vec::new());
    }
    let former = proofs.iter().find_map(|proof| match proof {
        Proof::Recovery { hash } if is_former_code(hash) => Some(hash),
        _ => None,
    });
    let mut hashes = Vec::new();
    let typed = shown.typed();
    for code in typed.iter().cloned() {
        let hash = Secret::new(recovery_hash(user, &code));
        hashes.push(TypedRecovery { code, hash });
    }
    if let (Some(former), [typed, ..]) = (former, typed.as_slice()) {
        let stored = PasswordHash::from_stored(former.as_str());
        let hash = context.app.hasher.hash_as(typed, &stored);
        let hash = hash.map_err(|unusable| Broken::internal(unusable.0))?;
        hashes.push(TypedRecovery {
            code: typed.clone(),
            hash: Secret::new(hash.as_str()),
        });
    }
    Ok(hashes)
}

/// A shown code, with the hashes of the recovery codes that it may be.
#[derive(Clone, Copy)]
struct TypedCode<'a> {
    shown: &'a SubmittedCode,
    recovery: &'a [TypedRecovery],
}

/// The text that this proof expects, if the shown factor can be this proof. The
/// text of a recovery code is not known, so it is the typed text, if its hash
/// fits.
fn expected(
    ring: &Ring,
    target: &impl CodeTarget,
    typed: TypedCode<'_>,
    proof: &Proof,
) -> Result<Option<Secret>, Broken> {
    let TypedCode { shown, recovery } = typed;
    let (user, provable) = (target.user(), target.provable());
    match (proof, shown) {
        (
            Proof::Totp {
                factor: recorded,
                step,
            },
            SubmittedCode::Totp { .. },
        ) => {
            let Some(factor) = provable.factor.filter(|factor| factor.id == *recorded) else {
                return Ok(None);
            };
            let FactorKind::Totp { seed, .. } = &factor.kind else {
                return Ok(None);
            };
            Ok(Some(ring.open_seed(user, factor.id, seed)?.code(*step)))
        }
        (Proof::Sent(sent), SubmittedCode::Sent { to, .. }) if to.fits(sent) => {
            let login = provable.login;
            login.map(|login| ring.code(login.id, sent)).transpose()
        }
        (Proof::Recovery { hash }, SubmittedCode::Recovery { .. }) => {
            let typed = recovery.iter().find(|typed| typed.hash.matches(hash));
            Ok(typed.map(|typed| typed.code.clone()))
        }
        (
            Proof::Totp { .. } | Proof::Sent(_) | Proof::Recovery { .. } | Proof::Passkey(_),
            SubmittedCode::Totp { .. }
            | SubmittedCode::Sent { .. }
            | SubmittedCode::Recovery { .. }
            | SubmittedCode::Passkey { .. },
        ) => Ok(None),
    }
}
