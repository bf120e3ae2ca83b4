//! Signs out: ends the session that an access token belongs to.

use super::Caller;
use super::bearer::{Bearer, authenticate_bearer, authenticate_bearer_with_account};
use super::beginning::moved_session;
use crate::app::App;
use crate::domain::Dialect;
use crate::domain::client::LONGEST_TOKEN_SECONDS;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::user::Account;
use crate::failure::Failure;

/// Ends the session of an access token for the account or for user information.
/// Its refresh tokens end; its access tokens end where [`signed_in`] asks, and
/// elsewhere by their time. Ending it twice is as good. Two requests to
/// DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`.
pub async fn sign_out(app: &App, caller: &Caller, token: &str) -> Result<(), Failure> {
    let bearer = authenticate_bearer(app, caller, token, &audiences(app), None).await?;
    end_session(app, caller, &bearer).await
}

/// Ends a session. One request to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid` if it has no identifier.
pub async fn end_session(app: &App, caller: &Caller, bearer: &Bearer) -> Result<(), Failure> {
    // A session without refresh tokens is kept as ended until no token of it
    // can be good.
    let ends_at = caller.now + LONGEST_TOKEN_SECONDS;
    let session = Session {
        epoch: bearer.user.epoch,
        expires_at: ends_at,
        ends_at,
        ..moved_session(app, caller, bearer, Dialect::Aidbox)?
    };
    app.store.end_session(&session, caller.now).await?;
    Ok(())
}

/// The user of an access token for the account or for user information, with
/// the authenticators, unless its session has ended. Two requests to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`.
pub async fn signed_in(
    app: &App,
    caller: &Caller,
    token: &str,
) -> Result<(Bearer, Account), Failure> {
    session_of(app, caller, token, &audiences(app)).await
}

/// The same for an access token for the account only, which may change it: a
/// phone that is bound may become a second factor.
///
/// # Errors
/// `AccessTokenInvalid`.
pub async fn signed_in_to_account(
    app: &App,
    caller: &Caller,
    token: &str,
) -> Result<(Bearer, Account), Failure> {
    session_of(app, caller, token, &[app.config.account_audience()]).await
}

async fn session_of(
    app: &App,
    caller: &Caller,
    token: &str,
    audiences: &[String],
) -> Result<(Bearer, Account), Failure> {
    let (bearer, account) =
        authenticate_bearer_with_account(app, caller, token, audiences, None).await?;
    let session = bearer.session.ok_or(Refusal::AccessTokenInvalid)?;
    let read = app.store.read_session(bearer.user.id, session).await?;
    if read.is_some_and(|(_, session)| session.revoked) {
        return Err(Refusal::AccessTokenInvalid.into());
    }
    Ok((bearer, account))
}

fn audiences(app: &App) -> [String; 2] {
    [
        app.config.account_audience(),
        app.config.userinfo_audience(),
    ]
}
