//! Completes a pending login: once, by the client that began it.

use super::Caller;
use super::issue::{Grant, Tokens, issue, new_session};
use super::login::LoginRequest;
use super::open_login::{Beside, OpenLogin, open_login, open_login_token};
use super::prove::{Shown, give_back, prove};
use crate::app::App;
use crate::domain::Dialect;
use crate::domain::client::Client;
use crate::domain::factor::{Method, recovery_code};
use crate::domain::id::UserId;
use crate::domain::login::{Authentication, Proof, State};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::keyring::{Ring, random, recovery_hash};
use crate::store::Redeemed;

/// What a completed login gives.
#[derive(Debug)]
pub struct Granted {
    /// The tokens.
    pub tokens: Tokens,
    /// A new recovery code in place of the one that was used, shown this once.
    pub recovery_code: Option<Secret>,
}

/// Asks for the tokens of a pending login.
pub struct RedeemRequest<'a> {
    /// The client, already authenticated.
    pub client: &'a Client,
    /// The dialect that asks.
    pub dialect: Dialect,
    /// The token that names the pending login.
    pub token: &'a str,
    /// The code, unless the login was verified before.
    pub shown: Option<Shown>,
    /// The kind of code that is missing if none came and one is needed.
    pub expected: Method,
}

/// Redeems the login that a token names, by a code or, once it was verified
/// with that token, by the token alone. At most four requests to DynamoDB,
/// one more when the budget is in use, two when a verify comes in between.
///
/// # Errors
/// `LoginTokenMalformed`, `LoginExpired`, `CodeMissing`, `CodeWrong`,
/// `CodesExhausted`, `CodesClosed`.
pub async fn redeem(
    app: &App,
    caller: &Caller,
    request: &RedeemRequest<'_>,
) -> Result<Granted, Failure> {
    let token = open_login_token(app, caller, request.token).await?;
    let ring = app.keyring.ring(caller.now).await?;
    let beside = request
        .shown
        .as_ref()
        .map(Shown::beside)
        .unwrap_or_default();
    let open = open_login(app, caller, Some(request.client), &token, beside).await?;
    let proof = match &request.shown {
        Some(shown) => prove(app, caller, &ring, &open, shown).await?,
        None => open.login.proof_by_token(request.expected)?.clone(),
    };
    let (client, dialect) = (request.client, request.dialect);
    let mut granted = complete(app, caller, &ring, client, dialect, &open, &proof).await;
    if let (Some(_), Err(Failure::Refused(Refusal::LoginExpired))) = (&request.shown, &granted) {
        // The same code may have verified the login a moment ago.
        let again = open_login(app, caller, Some(client), &token, Beside::default()).await;
        if let Ok(open) = again
            && matches!(&open.login.state, State::Verified { proof: shown, .. } if *shown == proof)
        {
            granted = complete(app, caller, &ring, client, dialect, &open, &proof).await;
        }
    }
    if request.shown.is_some() {
        give_back(app, &open).await;
    }
    granted
}

/// Redeems the login that came with a right password, if it was verified with
/// its token. `None` if it was not: then the password begins a new one.
///
/// # Errors
/// `LoginTokenMalformed` for another user's or client's, `LoginExpired`.
pub(super) async fn redeem_verified(
    app: &App,
    caller: &Caller,
    request: &LoginRequest<'_>,
    token: &str,
    user: UserId,
) -> Result<Option<Granted>, Failure> {
    let token = open_login_token(app, caller, token).await?;
    if token.user != user {
        return Err(Refusal::LoginTokenMalformed.into());
    }
    let ring = app.keyring.ring(caller.now).await?;
    let open = open_login(app, caller, Some(request.client), &token, Beside::default()).await?;
    let State::Verified {
        proof,
        by_token: true,
    } = &open.login.state
    else {
        return Ok(None);
    };
    let proof = proof.clone();
    complete(
        app,
        caller,
        &ring,
        request.client,
        request.dialect,
        &open,
        &proof,
    )
    .await
    .map(Some)
}

/// Writes the redemption, then makes the tokens.
async fn complete(
    app: &App,
    caller: &Caller,
    ring: &Ring,
    client: &Client,
    dialect: Dialect,
    open: &OpenLogin,
    proof: &Proof,
) -> Result<Granted, Failure> {
    let authentication = Authentication {
        at: caller.now,
        method: Some(proof.method()),
    };
    let authorized = &open.login.authorized;
    let session = new_session(app, &open.user, client, authorized, dialect, authentication)?;
    let recovery_code = match (dialect, proof) {
        (Dialect::Auth0, Proof::Recovery { .. }) => Some(new_recovery_code()?),
        (Dialect::Auth0, Proof::Totp { .. } | Proof::Sent(_)) => None,
    };
    let hash = recovery_code
        .as_ref()
        .map(|code| recovery_hash(open.user.id, code));
    let redeemed = app
        .store
        .redeem_login(
            &open.login,
            proof,
            session.as_ref(),
            hash.as_deref(),
            caller.now,
        )
        .await?;
    match redeemed {
        Redeemed::Done => {}
        Redeemed::LoginOver => return Err(Refusal::LoginExpired.into()),
        Redeemed::ProofUsed => return Err(Refusal::CodeWrong(proof.method()).into()),
    }
    let user = &open.user;
    let grant = Grant {
        user,
        client,
        authorized,
        authentication,
        session: session.as_ref(),
    };
    Ok(Granted {
        tokens: issue(app, ring, &grant, caller.now)?,
        recovery_code,
    })
}

fn new_recovery_code() -> Result<Secret, Broken> {
    loop {
        if let Some(code) = recovery_code(&random::<40>()?) {
            return Ok(code);
        }
    }
}
