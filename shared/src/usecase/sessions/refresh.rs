//! Refreshes a session: rotation, the grace period for a retry, and reuse (RFC
//! 9700 4.14.2).

use crate::app::App;
use crate::domain::accounts::user::User;
use crate::domain::client::Client;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::session::{Refresh, Session};
use crate::domain::token::TokenKind;
use crate::failure::Failure;
use crate::store::SessionRotation;
use crate::usecase::Caller;
use crate::usecase::sessions::issue_tokens::{Grant, Tokens, idle_seconds, issue};

/// New tokens for a refresh token. The request may ask for fewer scopes (RFC
/// 6749 6). Two requests to DynamoDB.
///
/// # Errors
/// `RefreshTokenInvalid`, `RefreshTokenEnded`, `RefreshTokenReused` (the
/// session has ended), `RefreshUserInactive`, `ScopeNotAllowed`.
pub async fn refresh(
    app: &App,
    caller: &Caller,
    client: &Client,
    token: &str,
    scope: Option<&str>,
) -> Result<Tokens, Failure> {
    let invalid = || Refusal::RefreshTokenInvalid;
    let token = app
        .keyring
        .open_token(TokenKind::Refresh, token, invalid(), caller.now)
        .await?;
    let ring = app.keyring.ring(caller.now).await?;
    let read = app.store.read_session(token.user, token.session()).await?;
    let (user, session) = read.ok_or_else(invalid)?;
    caller.trace.is_about(user.id);
    if session.authorized.client != client.id {
        return Err(invalid().into());
    }
    if !user.active {
        return Err(Refusal::RefreshUserInactive.into());
    }
    let authorized = match scope {
        None => session.authorized.clone(),
        Some(asked) => {
            let narrowed = session.authorized.narrowed(asked);
            narrowed.map_err(|refusal| app.named(refusal))?
        }
    };
    let session = rotate(app, caller, client, &user, session, token.generation).await?;
    let grant = Grant {
        user: &user,
        client,
        authorized: &authorized,
        authentication: session.authentication,
        session: Some(&session),
        session_id: session.id,
        dialect: session.dialect,
        issuer: caller.issuer,
        nonce: None,
    };
    Ok(issue(app, &ring, &grant, caller.now)?)
}

/// The session, with the generation to hand out.
async fn rotate(
    app: &App,
    caller: &Caller,
    client: &Client,
    user: &User,
    mut session: Session,
    generation: u32,
) -> Result<Session, Failure> {
    let grace = app.config.refresh_grace_seconds;
    // A second look is enough. A request that changed the session between our
    // read and our write has rotated or ended it.
    for _ in 0..2 {
        match session.refresh(generation, user.epoch, caller.now, grace) {
            Refresh::Ended => return Err(Refusal::RefreshTokenEnded.into()),
            Refresh::Repeat => return Ok(session),
            Refresh::Reused => {
                app.store
                    .revoke_reused(&session, generation, grace, caller.now)
                    .await?;
                return Err(Refusal::RefreshTokenReused.into());
            }
            Refresh::Rotate => {
                let expires_at = session.next_expiry(caller.now, idle_seconds(app, client));
                match app
                    .store
                    .rotate_refresh(&session, expires_at, caller.now)
                    .await?
                {
                    SessionRotation::Done(rotated) => return Ok(rotated),
                    SessionRotation::Changed(Some(changed)) => session = changed,
                    SessionRotation::Changed(None) => {
                        return Err(Refusal::RefreshTokenInvalid.into());
                    }
                }
            }
        }
    }
    Err(Refusal::RefreshTokenInvalid.into())
}
