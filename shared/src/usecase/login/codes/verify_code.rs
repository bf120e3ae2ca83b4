//! Marks a pending login verified. The app fetches the tokens afterwards.

use crate::domain::events::kind::EventKind;
use crate::domain::id::UserId;
use crate::domain::login::codes::login_reads::LoginReads;
use crate::domain::login::evidence::{Evidence, SubmittedCode};
use crate::domain::login::pending_login::{Proof, State};
use crate::domain::login::throttle::Guesser;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::party::Party;
use crate::failure::Failure;
use crate::store::{AcceptedProof, LoginVerification};
use crate::usecase::context::Context;
use crate::usecase::events::hidden_outcome::refuse_no_earlier;
use crate::usecase::login::codes::prove::{Guess, give_guess_back, prove};
use crate::usecase::login::open_login::{
    ProvableLogin, ProvenLogin, open_login, open_login_token, open_provable_login,
};
use crate::usecase::login::pending_logins::pending_logins;
use crate::usecase::messages::delivery_report::note_arrival;

/// A request to verify a pending login.
pub struct Verification<'a> {
    /// The user that the caller names, if the dialect has one.
    pub user: Option<UserId>,
    /// The client that the caller names, if the dialect has one.
    pub party: Option<Party<'a>>,
    /// The token that names the pending login.
    pub token: &'a str,
    pub evidence: Evidence,
}

/// Verifies the login that a token names by a code. A retry with the same code succeeds
/// too. At most four requests to DynamoDB, and one more each when the budget is in use
/// or another verify came first.
///
/// # Errors
/// `LoginTokenMalformed`, `LoginExpired`, `CodeWrong`, `CodesExhausted`,
/// `CodesClosed`.
pub async fn verify_code(context: &Context, asked: Verification<'_>) -> Result<(), Failure> {
    let Verification {
        user,
        party,
        token,
        evidence,
    } = asked;
    let token = open_login_token(context, token).await?;
    if user.is_some_and(|user| user != token.user()) {
        return Err(Refusal::LoginTokenMalformed.into());
    }
    let beside = LoginReads::of_evidence(&evidence);
    let provable = open_provable_login(context, party, &token, beside).await?;
    let shown = evidence.for_login(&provable.open.login);
    let guess = Guess {
        shown: &shown,
        charged_to: Guesser::User(token.user()),
    };
    match verify(context, &[provable], guess, true).await? {
        Verify::Done => Ok(()),
        Verify::Overtaken(proof) => {
            let now = open_login(context, party, &token).await?;
            match now.login.is_verified_by(&proof) {
                true => Ok(()),
                false => Err(Refusal::LoginExpired.into()),
            }
        }
    }
}

/// Verifies one of the newest pending logins of a user by the code alone. The
/// caller has shown nothing else, so the guess draws on the strangers' budget.
/// The login's token alone does not complete such a login, because somebody
/// else may hold the token.
///
/// # Errors
/// `LoginExpired` if no login is pending; `CodeWrong`, also when the strangers'
/// budget is exhausted or closed. Callers answer both alike, and both take the
/// same time.
pub async fn verify_code_alone(
    context: &Context,
    user: UserId,
    shown: &SubmittedCode,
) -> Result<(), Failure> {
    // Nothing is read before, so every user gets the same answer.
    shown.check_typed()?;
    refuse_no_earlier(context, verify_pending(context, user, shown)).await
}

async fn verify_pending(
    context: &Context,
    user: UserId,
    shown: &SubmittedCode,
) -> Result<(), Failure> {
    let Some(account) = context.app.store.read_account(user).await? else {
        return Err(Refusal::LoginExpired.into());
    };
    context.caller.trace.is_about(user);
    let logins = pending_logins(context, &account, None, shown.sent_to()).await?;
    if logins.is_empty() {
        return Err(Refusal::LoginExpired.into());
    }
    let guess = Guess {
        shown,
        charged_to: Guesser::Stranger(user),
    };
    match verify(context, &logins, guess, false).await? {
        Verify::Done => Ok(()),
        Verify::Overtaken(proof) => {
            let sent = shown.sent_to();
            let logins = pending_logins(context, &account, None, sent).await?;
            let mut logins = logins.iter();
            let alike = logins.any(|login| login.open.login.is_verified_by(&proof));
            if alike {
                Ok(())
            } else {
                Err(Refusal::LoginExpired.into())
            }
        }
    }
}

enum Verify {
    Done,
    /// Another request has changed the login since the read.
    Overtaken(Proof),
}

async fn verify(
    context: &Context,
    logins: &[ProvableLogin],
    guess: Guess<'_>,
    by_token: bool,
) -> Result<Verify, Failure> {
    let ring = context.ring().await?;
    let (target, proof) = prove(context, &ring, logins, guess).await?;
    let open = &target.open;
    let login = &open.login;
    let verified = match login.state {
        // A repeated request with this code succeeds too.
        State::Verified { .. } => Ok(LoginVerification::Done),
        State::Pending | State::CodeSent | State::Redeemed => {
            let proven = ProvenLogin {
                open,
                proof: &proof,
                compared: target.factor.as_ref(),
            };
            let resealed = proven.resealed(&ring)?;
            let shown = AcceptedProof {
                proof: &proof,
                by_token,
                resealed: resealed.as_ref(),
            };
            let store = &context.app.store;
            store.verify_login(login, &shown, context.now()).await
        }
    };
    give_guess_back(context, guess, target).await;
    note_arrival(context, &open.user, &proof).await;
    match verified? {
        LoginVerification::Done => {
            context.events.did(EventKind::FactorVerified);
            Ok(Verify::Done)
        }
        LoginVerification::ProofUsed => Err(Refusal::CodeWrong(proof.method()).into()),
        LoginVerification::LoginOver => Ok(Verify::Overtaken(proof)),
    }
}
