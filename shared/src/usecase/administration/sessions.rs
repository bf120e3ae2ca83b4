//! Ends a session.

use crate::app::App;
use crate::domain::events::operator_command::OperatorCommand;
use crate::domain::id::{SessionId, UserId};
use crate::domain::sessions::session::Session;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;

/// Ends a session of a user. Our own endpoints refuse its tokens at once; an API
/// elsewhere accepts an access token until it expires.
///
/// # Errors
/// `Missing` if the user has no such session, or the session has ended.
pub async fn end_session_by_operator(
    app: &App,
    operator: &Operator,
    user: UserId,
    session: SessionId,
) -> Result<(), ActFailure> {
    let missing = || ActFailure::Missing(format!("there is no live session {}", session.dashed()));
    let read = app.store.read_session_alone(user, session).await?;
    // A session of a newer version can be ended, but not read.
    let ended = |session: &Session| session.revoked;
    if read.ok_or_else(missing)?.as_ref().is_some_and(ended) {
        return Err(missing());
    }
    let act = operator.acts_on_user(app, OperatorCommand::SessionEnd, user);
    let act = act.await?;
    match app.store.revoke_by_operator(user, session, &act).await? {
        true => Ok(()),
        false => Err(missing()),
    }
}
