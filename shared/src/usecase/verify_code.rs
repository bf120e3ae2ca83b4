//! Marks a pending login verified. The tokens are fetched afterwards.

use super::Caller;
use super::open_login::{Beside, OpenLogin, open_login, open_login_token};
use super::prove::{give_back, prove};
use crate::app::App;
use crate::domain::client::Client;
use crate::domain::login::{Proof, State};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::store::Verified;

pub use super::prove::Shown;

/// What is shown to verify a login.
#[derive(Clone, Debug)]
pub enum Evidence {
    /// A code of this factor.
    Of(Shown),
    /// Six digits that do not say of which factor: of the one that the newest
    /// code of the login went to, else of the default authenticator app.
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

    fn shown(self, open: &OpenLogin) -> Shown {
        match (self, open.login.sent.last()) {
            (Self::Of(shown), _) => shown,
            (Self::SixDigits(code), Some(sent)) => Shown::Sent {
                code,
                factor: sent.factor,
            },
            (Self::SixDigits(code), None) => Shown::Totp { code, factor: None },
        }
    }
}

/// Verifies the login that `token` names by what is shown. The same
/// code again answers yes again. At most four requests to DynamoDB, and one
/// more each when the budget is in use or another verify came first.
///
/// # Errors
/// `LoginTokenMalformed`, `LoginExpired`, `CodeWrong`, `CodesExhausted`,
/// `CodesClosed`.
pub async fn verify_code(
    app: &App,
    caller: &Caller,
    client: &Client,
    token: &str,
    evidence: Evidence,
) -> Result<(), Failure> {
    let token = open_login_token(app, caller, token).await?;
    let ring = app.keyring.ring(caller.now).await?;
    let open = open_login(app, caller, Some(client), &token, evidence.beside()).await?;
    let shown = evidence.shown(&open);
    let proof = prove(app, caller, &ring, &open, &shown).await?;
    if matches!(open.login.state, State::Verified { .. }) {
        give_back(app, &open).await;
        return Ok(());
    }
    let verified = app
        .store
        .verify_login(&open.login, &proof, true, caller.now)
        .await;
    give_back(app, &open).await;
    match verified? {
        Verified::Done => Ok(()),
        Verified::ProofUsed => Err(Refusal::CodeWrong(proof.method()).into()),
        Verified::LoginOver => {
            let now = open_login(app, caller, Some(client), &token, Beside::default()).await?;
            verified_alike(&now, &proof)
        }
    }
}

/// Yes, if the same request came first: a retry, or a second tap.
fn verified_alike(open: &OpenLogin, ours: &Proof) -> Result<(), Failure> {
    match &open.login.state {
        State::Verified { proof, .. } if proof == ours => Ok(()),
        State::Pending | State::CodeSent | State::Verified { .. } | State::Redeemed => {
            Err(Refusal::LoginExpired.into())
        }
    }
}
