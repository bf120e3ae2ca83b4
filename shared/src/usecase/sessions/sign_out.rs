//! Signs out: ends the session of an access token or of a browser.

use crate::domain::authorization::client::LONGEST_TOKEN_SECONDS;
use crate::domain::events::kind::EventKind;
use crate::domain::sessions::session::Session;
use crate::failure::Failure;
use crate::usecase::Context;
use crate::usecase::factors::enrolment_subject::moved_session;
use crate::usecase::sessions::authenticate::{Credential, authenticate, browser_session};
use crate::usecase::sessions::requirement::{Audience, Bearer, NotRead, Required, SessionState};

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
        factors: NotRead,
    };
    let bearer = authenticate(context, Credential::AccessToken(token), required).await?;
    end_session(context, &bearer).await
}

/// Ends a session. One request to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid` if the session has no identifier.
pub async fn end_session(context: &Context, bearer: &Bearer) -> Result<(), Failure> {
    // The item of an ended session without refresh tokens stays until none of
    // its tokens can be valid.
    let ends_at = context.now() + LONGEST_TOKEN_SECONDS;
    let session = Session {
        epoch: bearer.user.epoch,
        expires_at: ends_at,
        ends_at,
        ..moved_session(context, bearer)?
    };
    context
        .app
        .store
        .end_session(&session, context.now())
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
    match browser_session(context, cookie).await {
        Ok(of_browser) => {
            let session = &of_browser.session;
            let store = &context.app.store;
            store.revoke_session(session, context.now()).await?;
            context.events.did_to(EventKind::SessionEnded, session.id);
            Ok(())
        }
        Err(Failure::Refused(_)) => Ok(()),
        Err(broken) => Err(broken),
    }
}
