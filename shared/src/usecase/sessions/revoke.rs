//! Ends a session by one of its tokens (RFC 7009).

use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::events::kind::EventKind;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::standing::SessionState;
use crate::domain::token::TokenBody;
use crate::failure::Failure;
use crate::usecase::client_context::ClientContext;
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{ProfileAlone, Required};
use crate::usecase::sessions::sign_out::end_session;

/// Ends the session of a refresh token of this client, whatever the token's
/// generation, or of a valid access token of this client. A forged token, and a
/// token of another kind or client, changes nothing and gets the same answer.
/// Two requests to DynamoDB.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub async fn revoke(context: &ClientContext, token: &str) -> Result<(), Failure> {
    let unknown = TokenRefusal::RefreshTokenInvalid.into();
    let opened = context.open_token(TokenBody::refresh, token, unknown).await;
    let token = match opened {
        Ok(token) => token,
        Err(Failure::Refused(_)) => return revoke_access_token(context, token).await,
        Err(broken @ Failure::Broken(_)) => return Err(broken),
    };
    let Some((user, session)) = context
        .app
        .store
        .read_session(token.user, token.session)
        .await?
    else {
        return Ok(());
    };
    if session.authorized.client == context.client.id {
        context.caller.trace.is_about(user.id);
        context
            .app
            .store
            .revoke_session(&session, context.now())
            .await?;
        let events = &context.events;
        events.did_to(EventKind::SessionRevoked, session.id);
    }
    Ok(())
}

/// Ends the session as a sign-out does. So our own endpoints refuse each access
/// token of the session, and its refresh tokens end (RFC 7009 2.1).
async fn revoke_access_token(context: &ClientContext, token: &str) -> Result<(), Failure> {
    // The API that the token is for does not matter to the session.
    let required = Required {
        audience: Audience::OfClient(&context.client),
        scope: None,
        session: SessionState::MayHaveEnded,
        role: None,
        read: ProfileAlone,
    };
    let ended = match authenticate(context, token.into(), required).await {
        Ok(bearer) => end_session(context, &bearer).await,
        Err(failure) => Err(failure),
    };
    match ended {
        // Nothing to end (RFC 7009 2.2).
        Err(Failure::Refused(_)) => Ok(()),
        ended => ended,
    }
}
