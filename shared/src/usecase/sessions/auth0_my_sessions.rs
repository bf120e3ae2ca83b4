//! The sessions of a signed-in user, beside Auth0's My Account API.

use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::events::kind::EventKind;
use crate::domain::id::SessionId;
use crate::domain::sessions::session::Session;
use crate::failure::Failure;
use crate::usecase::context::Context;
use crate::usecase::factors::auth0_my_account::of_my_api;
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{Bearer, ProfileAlone};

/// The live sessions of a user, the newest login first, and the session that asks. Two
/// requests to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`, `ScopeInsufficient`.
pub async fn list_my_sessions(
    context: &Context,
    token: &str,
) -> Result<(Vec<Session>, Option<SessionId>), Failure> {
    let required = of_my_api(KnownScope::ReadMySessions, ProfileAlone);
    let bearer = authenticate(context, token.into(), required).await?;
    let live = live_sessions(context, &bearer).await?;
    Ok((live, bearer.session))
}

/// Ends a session of the user, if the user has such a session. Three requests to DynamoDB;
/// two if there is no such session.
///
/// # Errors
/// `AccessTokenInvalid`, `ScopeInsufficient`.
pub async fn revoke_my_session(
    context: &Context,
    token: &str,
    session: &str,
) -> Result<(), Failure> {
    let required = of_my_api(KnownScope::DeleteMySessions, ProfileAlone);
    let bearer = authenticate(context, token.into(), required).await?;
    let live = live_sessions(context, &bearer).await?;
    // No session has an identifier that cannot be read.
    let session = SessionId::parse(session);
    if let Some(ending) = live.iter().find(|live| Some(live.id) == session) {
        let store = &context.app.store;
        store.revoke_session(ending, context.now()).await?;
        context.events.did_to(EventKind::SessionRevoked, ending.id);
    }
    Ok(())
}

async fn live_sessions(context: &Context, bearer: &Bearer) -> Result<Vec<Session>, Failure> {
    let user = &bearer.user;
    let mut sessions = context.app.store.list_sessions(user.id).await?;
    sessions.retain(|session| session.is_live(user.epoch, context.now()));
    Ok(sessions)
}
