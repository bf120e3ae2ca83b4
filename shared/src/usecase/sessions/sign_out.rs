//! Signs out: ends the session of an access token or of a browser.

use crate::domain::events::kind::EventKind;
use crate::domain::id::UserId;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::standing::SessionState;
use crate::failure::Failure;
use crate::usecase::context::Context;
use crate::usecase::sessions::authenticate::{authenticate, signed_in_browser};
use crate::usecase::sessions::kept_session::ended_session;
use crate::usecase::sessions::requirement::{Bearer, Credential, ProfileAlone, Required};

/// Ends the session of an access token for the account or for user information.
/// That ends the session's refresh tokens, and its access tokens at each of our
/// own endpoints. Two requests to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`.
pub async fn sign_out(context: &Context, token: &str) -> Result<(), Failure> {
    let required = Required {
        audience: Audience::AccountOrUserInfo,
        scope: None,
        // A second sign-out succeeds too.
        session: SessionState::MayHaveEnded,
        role: None,
        read: ProfileAlone,
    };
    let bearer = authenticate(context, Credential::AccessToken(token), required).await?;
    end_session(context, &bearer).await
}

/// Ends a session. One request to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid` if the session has no identifier.
pub async fn end_session(context: &Context, bearer: &Bearer) -> Result<(), Failure> {
    let session = ended_session(context, bearer)?;
    context
        .app
        .store
        .mark_session_ended(&session, context.now())
        .await?;
    context.events.did_to(EventKind::SessionEnded, session.id);
    Ok(())
}

/// Ends the session that a cookie names, if the cookie names one. At most two
/// requests to DynamoDB.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub async fn end_browser_session(context: &Context, cookie: &str) -> Result<(), Failure> {
    match signed_in_browser(context, cookie).await? {
        Some(bearer) => end(context, &bearer).await,
        None => Ok(()),
    }
}

/// Ends the session that a cookie names, if the session is of this user. Returns `true`
/// if nobody is signed in afterwards, and `false` if somebody is signed in
/// whom the app has not named, so that the user has to be asked. At most two requests to DynamoDB.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub async fn end_session_of(
    context: &Context,
    cookie: &str,
    user: Option<UserId>,
) -> Result<bool, Failure> {
    let Some(bearer) = signed_in_browser(context, cookie).await? else {
        return Ok(true);
    };
    if user != Some(bearer.user.id) {
        return Ok(false);
    }
    end(context, &bearer).await?;
    Ok(true)
}

async fn end(context: &Context, bearer: &Bearer) -> Result<(), Failure> {
    let (user, session) = (bearer.user.id, bearer.session_id()?);
    let store = &context.app.store;
    store.revoke_by_id(user, session, context.now()).await?;
    context.events.did_to(EventKind::SessionEnded, session);
    Ok(())
}
