//! Ends a session.

use crate::app::App;
use crate::domain::events::operator_command::{ActSubject, OperatorCommand};
use crate::domain::id::{SessionId, UserId};
use crate::usecase::administration::not_done::NotDone;
use crate::usecase::administration::operator::Operator;

/// Ends a session of a user. Our own endpoints refuse its tokens at once; an API
/// elsewhere accepts an access token until it expires.
///
/// # Errors
/// `Missing`.
pub async fn end_session_by_operator(
    app: &App,
    operator: &Operator,
    user: UserId,
    session: SessionId,
) -> Result<(), NotDone> {
    if app.store.read_session_alone(user, session).await?.is_none() {
        let id = session.dashed();
        return Err(NotDone::Missing(format!("there is no session {id}")));
    }
    operator
        .record(app, OperatorCommand::SessionEnd, ActSubject::User(user))
        .await?;
    app.store.revoke_by_id(user, session, operator.now).await?;
    Ok(())
}
