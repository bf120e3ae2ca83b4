//! Tells a user by e-mail about a change that was made.

use crate::domain::accounts::user::User;
use crate::domain::messages::notice::Notice;
use crate::domain::messages::payers::BilledMessage;
use crate::usecase::context::Context;
use crate::usecase::messages::charge_message::{Posted, post_to_user};

/// Sends the notice to the stored address, after the change. A notice before the change
/// would be false if the change then failed. A failed notice undoes nothing, because an
/// owner must be able to remove a stranger's factor while e-mail is down. The log then
/// says that the notice was not sent. An address that was never confirmed gets no
/// notice, because it may be somebody else's. One request to DynamoDB, one more when
/// the send fails.
pub(crate) async fn tell(context: &Context, user: &User, notice: Notice) {
    let request_id = context.caller.trace.request_id();
    let Some(address) = user.email.as_deref().filter(|_| user.email_confirmed) else {
        tracing::warn!(
            request_id,
            user = %user.id,
            "a notice was not sent: the user has no confirmed address"
        );
        return;
    };
    let send = Box::pin(
        context
            .app
            .notify
            .send_notice(address, notice, context.seen()),
    );
    let message = BilledMessage::Notice(address);
    match post_to_user(context, user.id, message, send).await {
        Ok(Posted::Out | Posted::Refused(_)) => {}
        Ok(Posted::Failed(failed)) => {
            tracing::warn!(request_id, user = %user.id, error = %failed, "a notice was not sent");
        }
        Err(broken) => {
            tracing::error!(request_id, user = %user.id, error = %broken, "a notice was not sent");
        }
    }
}
