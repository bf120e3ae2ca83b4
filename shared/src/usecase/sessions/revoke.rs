//! Ends a session by one of its tokens (RFC 7009).

use crate::app::App;
use crate::domain::client::Client;
use crate::domain::refusal::Refusal;
use crate::domain::token::TokenKind;
use crate::failure::Failure;
use crate::usecase::Caller;
use crate::usecase::sessions::bearer::authenticate_to_revoke;
use crate::usecase::sessions::sign_out::end_session;

/// Ends the session of a refresh token of this client, whatever the token's
/// generation, or of a valid access token of this client. A forged token, and a
/// token of another kind or client, changes nothing and gets the same answer.
/// Two requests to DynamoDB.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub async fn revoke(
    app: &App,
    caller: &Caller,
    client: &Client,
    token: &str,
) -> Result<(), Failure> {
    let unknown = Refusal::RefreshTokenInvalid;
    let opened = app
        .keyring
        .open_token(TokenKind::Refresh, token, unknown, caller.now)
        .await;
    let token = match opened {
        Ok(token) => token,
        Err(Failure::Refused(_)) => return revoke_access_token(app, caller, client, token).await,
        Err(broken @ Failure::Broken(_)) => return Err(broken),
    };
    let Some((user, session)) = app.store.read_session(token.user, token.session()).await? else {
        return Ok(());
    };
    if session.authorized.client == client.id {
        caller.trace.is_about(user.id);
        app.store.revoke_session(&session, caller.now).await?;
    }
    Ok(())
}

/// Ends the session as a sign-out does. So our own endpoints refuse each access
/// token of the session, and its refresh tokens end (RFC 7009 2.1).
async fn revoke_access_token(
    app: &App,
    caller: &Caller,
    client: &Client,
    token: &str,
) -> Result<(), Failure> {
    let ended = match authenticate_to_revoke(app, caller, client, token).await {
        Ok(bearer) => end_session(app, caller, &bearer).await,
        Err(failure) => Err(failure),
    };
    match ended {
        // Nothing to end (RFC 7009 2.2).
        Err(Failure::Refused(_)) => Ok(()),
        ended => ended,
    }
}
