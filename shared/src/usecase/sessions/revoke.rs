//! Ends a session by one of its refresh tokens (RFC 7009).

use crate::app::App;
use crate::domain::client::Client;
use crate::domain::refusal::Refusal;
use crate::domain::token::TokenKind;
use crate::failure::Failure;
use crate::usecase::Caller;

/// Ends the session of a refresh token of this client, whatever the token's
/// generation. A forged token, and a token of another kind or client, changes
/// nothing and gets the same answer.
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
        Err(Failure::Refused(_)) => return Ok(()),
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
