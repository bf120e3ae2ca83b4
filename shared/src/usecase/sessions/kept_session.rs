//! The item of a session that handed out no refresh token. Its access tokens
//! need no item until the session makes a change or ends. If the session has an
//! item already, the store writes only what changes.

use crate::domain::accounts::user::User;
use crate::domain::authorization::client::{Authorized, LONGEST_TOKEN_SECONDS};
use crate::domain::factors::enrolment::EnrollingSession;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::session::{BegunSession, Session};
use crate::usecase::context::Context;
use crate::usecase::sessions::requirement::Bearer;

/// What the session of this bearer was granted.
pub(crate) fn authorized(bearer: &Bearer) -> Authorized {
    Authorized {
        client: bearer.client.clone(),
        scope: bearer.scope.clone(),
        audience: bearer.audience.clone(),
        key: bearer.key.clone(),
        code: None,
    }
}

/// The session that makes a change, at the epoch after the change.
///
/// # Errors
/// `AccessTokenInvalid` if the session has no identifier.
pub(crate) fn moved_session(context: &Context, bearer: &Bearer) -> Result<Session, Refusal> {
    let by = EnrollingSession {
        id: bearer.session_id()?,
        authentication: bearer.authentication,
    };
    let authorized = authorized(bearer);
    Ok(session_after(context, &bearer.user, by, &authorized))
}

/// A session at the epoch after `user`'s.
pub(crate) fn session_after(
    context: &Context,
    user: &User,
    by: EnrollingSession,
    authorized: &Authorized,
) -> Session {
    let ends_at = context.now() + context.app.config.refresh_absolute_seconds;
    let begun = begun(context, user, by, authorized);
    Session {
        epoch: user.epoch + 1,
        ..Session::kept(begun, context.now(), ends_at)
    }
}

/// The session of this bearer, which ends now. Its item stays until none of its
/// tokens can be valid.
///
/// # Errors
/// `AccessTokenInvalid` if the session has no identifier.
pub(crate) fn ended_session(context: &Context, bearer: &Bearer) -> Result<Session, Refusal> {
    let of = EnrollingSession {
        id: bearer.session_id()?,
        authentication: bearer.authentication,
    };
    let ends_at = context.now() + LONGEST_TOKEN_SECONDS;
    let authorized = authorized(bearer);
    let begun = begun(context, &bearer.user, of, &authorized);
    Ok(Session::kept(begun, context.now(), ends_at))
}

fn begun<'a>(
    context: &Context,
    user: &User,
    of: EnrollingSession,
    authorized: &'a Authorized,
) -> BegunSession<'a> {
    BegunSession {
        id: of.id,
        user: user.id,
        epoch: user.epoch,
        authorized,
        dialect: context.caller.dialect,
        authentication: of.authentication,
    }
}
