//! Says what the link of a message would do, before anybody follows it.

use crate::domain::accounts::action::{ActionKind, LinkState};
use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::accounts::user::User;
use crate::domain::id::UserId;
use crate::failure::Failure;
use crate::usecase::context::Context;

/// What a link would do.
#[derive(Debug)]
pub enum Link {
    /// The link is valid, for this user.
    Live(Box<User>),
    /// Nothing, because the link's address is already confirmed.
    Done,
    /// Nothing, because the link is forged, expired or used.
    Dead,
}

/// Looks at a link without following it. A forged link costs no read. Any other
/// link costs one batch read.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub async fn look_at_link(
    context: &Context,
    kind: ActionKind,
    user: UserId,
    token: &str,
) -> Result<Link, Failure> {
    let read = |token| kind.named_by(token);
    let malformed = ActionRefusal::ActionTokenInvalid.into();
    let opened = context.open_token(read, token, malformed);
    let token = match opened.await {
        Ok(token) => token,
        Err(Failure::Refused(_)) => return Ok(Link::Dead),
        Err(broken) => return Err(broken),
    };
    let read = context
        .app
        .store
        .read_action(token.user, kind, token.action);
    let Some((found, action)) = read.await?.filter(|(found, _)| found.id == user) else {
        return Ok(Link::Dead);
    };
    context.caller.trace.is_about(found.id);
    Ok(match action.link_state(&found, kind, context.now()) {
        LinkState::Live => Link::Live(Box::new(found)),
        LinkState::Done => Link::Done,
        LinkState::Dead => Link::Dead,
    })
}
