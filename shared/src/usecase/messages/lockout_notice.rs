//! Tells a user by e-mail that wrong passwords have locked the account out.

use crate::domain::accounts::user::Account;
use crate::domain::messages::notice::lockout_mailbox;
use crate::domain::messages::payers::BilledMessage;
use crate::failure::Broken;
use crate::usecase::context::Context;
use crate::usecase::events::hidden_outcome::ANSWER_AFTER;
use crate::usecase::messages::charge_message::{Posted, post_notice};

/// Tells the user about a lockout that a wrong password has just begun, if there is a
/// user with a confirmed address. `page` is the page that asks for a new password. The
/// call takes the same time for an unknown name and for a failed message, so nobody
/// learns from it who has an account. An address gets at most one such message an hour.
/// One request to DynamoDB if there is such a user, one more when the send fails.
pub(crate) async fn tell_of_lockout(context: &Context, account: Option<&Account>, page: &str) {
    let work = tell(context, account, page);
    let request_id = context.caller.trace.request_id();
    match context.app.clock.take_exactly(ANSWER_AFTER, work).await {
        Some(Ok(())) => {}
        Some(Err(broken)) => {
            tracing::error!(request_id, error = %broken, "a lockout message was not sent");
        }
        None => tracing::error!(request_id, "a lockout message was not sent in time"),
    }
}

async fn tell(context: &Context, account: Option<&Account>, page: &str) -> Result<(), Broken> {
    let user = account.map(|account| &account.user);
    let told = user.and_then(|user| Some((user.id, lockout_mailbox(user)?)));
    let Some((user, address)) = told else {
        return Ok(());
    };
    let send = Box::pin(
        context
            .app
            .notify
            .send_lockout(address, page, context.seen()),
    );
    let message = BilledMessage::Lockout(address);
    if let Posted::Failed(failed) = post_notice(context, user, message, send).await? {
        let request_id = context.caller.trace.request_id();
        tracing::warn!(request_id, error = %failed, "a message was not sent");
    }
    Ok(())
}

/// The message that tells a user of a lockout, sent by the wrong password that
/// begins the lockout.
#[derive(Clone, Copy)]
pub struct LockoutMessage<'a> {
    /// The page that the message leads to.
    pub page: &'a str,
    /// Whether the answer to that wrong password already says "locked out". Otherwise
    /// the answer says "wrong", like the earlier answers.
    pub is_answered: bool,
}
