//! Completes a pending login with a right password: by the code, or by the
//! token alone of a login that was verified.

use crate::domain::accounts::user::Account;
use crate::domain::authorization::client::Authorized;
use crate::domain::factors::factor::Method;
use crate::domain::id::LoginId;
use crate::domain::login::codes::login_reads::LoginReads;
use crate::domain::login::evidence::SubmittedCode;
use crate::domain::login::pending_login::Login;
use crate::domain::login::throttle::Guesser;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::party::Party;
use crate::failure::Failure;
use crate::keyring::{Ring, random_bytes};
use crate::store::Counted;
use crate::usecase::context::Context;
use crate::usecase::login::codes::prove::Guess;
use crate::usecase::login::finished_login::{FinishedLogin, LoginStep, RedeemedBy};
use crate::usecase::login::open_login::{
    NamedLogin, ProvableLogin, ProvenLogin, open_login_token, open_provable_login,
};
use crate::usecase::login::pending_logins::{pending_logins, with_proofs};
use crate::usecase::login::redeem::{complete, prove_and_complete};

/// A right password, and what the request shows beside it.
pub(crate) struct RightPassword<'a> {
    pub party: Party<'a>,
    pub account: &'a Account,
    /// What the login grants.
    pub authorized: &'a Authorized,
    /// The password as it was counted.
    pub counted: &'a Counted,
    /// The token of a pending login, if the request has one.
    pub token: Option<&'a str>,
    /// The code, if the request has one.
    pub shown: Option<&'a SubmittedCode>,
}

/// Redeems a pending login by what came beside a right password. `None` if that does not complete
/// a login; then the password begins a new login.
///
/// # Errors
/// `LoginTokenMalformed` for a login of another user or client; `LoginExpired`,
/// `CodeWrong`, `CodesExhausted`, `CodesClosed`.
pub(crate) async fn redeem_with_password(
    context: &Context,
    ring: &Ring,
    right: &RightPassword<'_>,
) -> Result<Option<LoginStep<FinishedLogin>>, Failure> {
    let by = RedeemedBy {
        party: right.party,
        ring,
        counted: Some(right.counted),
        asked: right.authorized.code.as_ref(),
        gives_back: None,
        remember: None,
    };
    let user = right.account.user.id;
    let guess = right.shown.map(|shown| Guess {
        shown,
        charged_to: Guesser::User(user),
    });
    match (right.token, guess) {
        (Some(token), guess) => {
            let token = open_login_token(context, token).await?;
            if token.user() != user {
                return Err(Refusal::LoginTokenMalformed.into());
            }
            redeem_by_token(context, &by, &token, guess).await
        }
        (None, Some(guess)) => {
            let logins = logins_for_code(context, right, guess.shown).await?;
            let redeemed = prove_and_complete(context, &by, &logins, guess);
            redeemed.await.map(Some)
        }
        (None, None) => Ok(None),
    }
}

/// Redeems the login that this token names, by the code. A login that was verified with that token
/// needs no code. `None` if the login was not verified and no code came.
///
/// # Errors
/// `LoginTokenMalformed` for a login of another client; `LoginExpired`,
/// `CodeWrong`, `CodesExhausted`, `CodesClosed`.
async fn redeem_by_token(
    context: &Context,
    by: &RedeemedBy<'_>,
    token: &NamedLogin,
    guess: Option<Guess<'_>>,
) -> Result<Option<LoginStep<FinishedLogin>>, Failure> {
    let beside = guess.map(|guess| LoginReads::of_code(guess.shown));
    let beside = beside.unwrap_or_default();
    let provable = open_provable_login(context, Some(by.party), token, beside).await?;
    if let Some(guess) = guess {
        let logins = [provable];
        let redeemed = prove_and_complete(context, by, &logins, guess);
        return redeemed.await.map(Some);
    }
    let Ok(proof) = provable.open.login.proof_by_token(Method::Totp) else {
        return Ok(None);
    };
    let proven = ProvenLogin {
        open: &provable.open,
        proof,
        compared: None,
    };
    complete(context, by, proven).await.map(Some)
}

/// The newest pending logins of a user whose password was just right, for this code to complete.
/// Without a pending login, a new login begins here, which a code that needs no send completes.
///
/// # Errors
/// `CodeWrong`, `LoginExpired`.
async fn logins_for_code(
    context: &Context,
    right: &RightPassword<'_>,
    shown: &SubmittedCode,
) -> Result<Vec<ProvableLogin>, Failure> {
    let (account, sent) = (right.account, shown.sent_to());
    let mut logins = pending_logins(context, account, Some(right.party), sent).await?;
    if logins.is_empty() {
        if let SubmittedCode::Sent { .. } = shown {
            return Err(Refusal::CodeWrong(shown.method()).into());
        }
        let id = LoginId::at(context.now(), random_bytes()?);
        let login = Login::begin(
            id,
            &account.user,
            right.authorized.clone(),
            context.caller.dialect,
            context.now(),
        );
        let store = &context.app.store;
        store.begin_login(&login, right.counted).await?;
        logins.push(with_proofs(account, login));
    }
    Ok(logins)
}
