//! Marks a pending login verified. The app fetches the tokens afterwards.

use crate::domain::accounts::user::Account;
use crate::domain::client::Client;
use crate::domain::id::UserId;
use crate::domain::login::pending_login::{Proof, SentTo, State};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::store::{Guesser, LoginVerification};
use crate::usecase::Context;
use crate::usecase::login::open_login::{Beside, OpenLogin, open_login, open_login_token};
use crate::usecase::login::pending_logins::pending_logins;
use crate::usecase::login::prove::{REFUSED_AFTER, give_back, prove};

pub use crate::usecase::login::prove::Shown;

/// What is shown to verify a login.
#[derive(Clone, Debug)]
pub enum Evidence {
    /// A code of this factor.
    Of(Shown),
    /// Six digits that do not say which factor they are of. With a login's
    /// token, they are of the factor that the newest code of the login went to,
    /// else of the default authenticator app.
    SixDigits(Secret),
}

impl Evidence {
    fn beside(&self) -> Beside {
        match self {
            Self::Of(shown) => shown.beside(),
            Self::SixDigits(_) => Beside {
                default_totp: true,
                ..Beside::default()
            },
        }
    }

    /// What a user shows beside the password. Six digits are a code of the
    /// authenticator app if the user has an app; otherwise they are a sent
    /// code.
    pub(crate) fn beside_password(&self, account: &Account) -> Shown {
        match self {
            Self::Of(shown) => shown.clone(),
            Self::SixDigits(code) if account.default_totp().is_some() => Shown::Totp {
                code: code.clone(),
                factor: None,
            },
            Self::SixDigits(code) => Shown::Sent {
                code: code.clone(),
                to: SentTo::Anywhere,
            },
        }
    }

    fn shown(self, open: &OpenLogin) -> Shown {
        match (self, open.login.sent.last()) {
            (Self::Of(shown), _) => shown,
            (Self::SixDigits(code), Some(sent)) => Shown::Sent {
                code,
                to: SentTo::Factor(sent.factor),
            },
            (Self::SixDigits(code), None) => Shown::Totp { code, factor: None },
        }
    }
}

/// Verifies the login that `token` names by a code. `user` and `client` are the
/// user and client that the caller names, if the dialect has them. A retry with
/// the same code gets the same yes. At most four requests to DynamoDB, and one
/// more each when the budget is in use or another verify came first.
///
/// # Errors
/// `LoginTokenMalformed`, `LoginExpired`, `CodeWrong`, `CodesExhausted`,
/// `CodesClosed`.
pub async fn verify_code(
    context: &Context,
    user: Option<UserId>,
    client: Option<&Client>,
    token: &str,
    evidence: Evidence,
) -> Result<(), Failure> {
    let token = open_login_token(context, token).await?;
    if user.is_some_and(|user| user != token.user) {
        return Err(Refusal::LoginTokenMalformed.into());
    }
    let open = open_login(context, client, &token, evidence.beside()).await?;
    let shown = evidence.shown(&open);
    match verify(context, &[open], &shown, Guesser::User(token.user), true).await? {
        Verify::Done => Ok(()),
        Verify::Overtaken(proof) => {
            let now = open_login(context, client, &token, Beside::default()).await?;
            verified_alike(&now, &proof)
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
/// budget is exhausted or closed. Callers answer both alike, and both take
/// `REFUSED_AFTER`.
pub async fn verify_code_alone(
    context: &Context,
    user: UserId,
    shown: &Shown,
) -> Result<(), Failure> {
    // Nothing is read before, so every user gets the same answer.
    shown.check_form()?;
    let work = verify_pending(context, user, shown);
    let clock = &context.app.clock;
    clock.fail_no_earlier(REFUSED_AFTER, work).await
}

async fn verify_pending(context: &Context, user: UserId, shown: &Shown) -> Result<(), Failure> {
    let Some(account) = context.app.store.read_account(user).await? else {
        return Err(Refusal::LoginExpired.into());
    };
    let logins = pending_logins(context, &account, None, shown.sent_to()).await?;
    if logins.is_empty() {
        return Err(Refusal::LoginExpired.into());
    }
    context.caller.trace.is_about(user);
    match verify(context, &logins, shown, Guesser::Stranger(user), false).await? {
        Verify::Done => Ok(()),
        Verify::Overtaken(proof) => {
            let sent = shown.sent_to();
            let logins = pending_logins(context, &account, None, sent).await?;
            let alike = logins
                .iter()
                .any(|open| verified_alike(open, &proof).is_ok());
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
    logins: &[OpenLogin],
    shown: &Shown,
    guesser: Guesser,
    by_token: bool,
) -> Result<Verify, Failure> {
    let ring = context.app.keyring.ring(context.now()).await?;
    let (at, proof) = prove(context, &ring, logins, shown, guesser).await?;
    let over = || Failure::from(Refusal::LoginExpired);
    let login = &logins.get(at).ok_or_else(over)?.login;
    let verified = match login.state {
        // The same code again gets the same yes.
        State::Verified { .. } => Ok(LoginVerification::Done),
        State::Pending | State::CodeSent | State::Redeemed => {
            let store = &context.app.store;
            store
                .verify_login(login, &proof, by_token, context.now())
                .await
        }
    };
    give_back(context, guesser, shown, login).await;
    match verified? {
        LoginVerification::Done => Ok(Verify::Done),
        LoginVerification::ProofUsed => Err(Refusal::CodeWrong(proof.method()).into()),
        LoginVerification::LoginOver => Ok(Verify::Overtaken(proof)),
    }
}

/// Yes, if an equal request came first, such as a retry or a second tap.
fn verified_alike(open: &OpenLogin, ours: &Proof) -> Result<(), Failure> {
    match &open.login.state {
        State::Verified { proof, .. } if proof == ours => Ok(()),
        State::Pending | State::CodeSent | State::Verified { .. } | State::Redeemed => {
            Err(Refusal::LoginExpired.into())
        }
    }
}
