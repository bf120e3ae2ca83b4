//! Tells a user by e-mail about a change that was made.

use crate::domain::accounts::user::User;
use crate::domain::factors::factor::Factor;
use crate::domain::messages::notice::{Notice, notice_mailboxes};
use crate::domain::messages::payers::BilledMessage;
use crate::usecase::context::Context;
use crate::usecase::messages::charge_message::{Posted, post_notice};

/// Sends the notice to every confirmed mailbox of the user, after the change (NIST SP
/// 800-63B 4.6): the user's address, and those of the factors. A thief who reads one
/// mailbox can delete the notice there. A notice before the change would be false if the
/// change then failed. A failed notice undoes nothing, because an owner must be able to
/// remove a stranger's factor while e-mail is down. The log then says that the notice was
/// not sent. An address that was never confirmed gets no notice, because it may be
/// somebody else's. One request to DynamoDB for each mailbox, one more if the send fails.
pub(crate) async fn send_notice(
    context: &Context,
    user: &User,
    factors: &[Factor],
    notice: Notice,
) {
    let mailboxes = notice_mailboxes(user, factors);
    if mailboxes.is_empty() {
        tracing::warn!(
            request_id = context.caller.trace.request_id(),
            user = %user.id,
            "a notice was not sent: the user has no confirmed address"
        );
    }
    // One after the other, because all are charged to the account.
    for address in &mailboxes {
        tell_mailbox(context, user, address, notice).await;
    }
}

/// Sends the notice as `send_notice` does. Reads the factors first, which is one request to
/// DynamoDB.
pub(crate) async fn read_and_tell(context: &Context, user: &User, notice: Notice) {
    if !user.is_owned() {
        return send_notice(context, user, &[], notice).await;
    }
    let factors = match context.app.store.read_account(user.id).await {
        Ok(account) => account.map(|account| account.factors).unwrap_or_default(),
        Err(broken) => {
            tracing::error!(
                request_id = context.caller.trace.request_id(),
                user = %user.id,
                error = %broken,
                "a notice goes to the user's own address only"
            );
            Vec::new()
        }
    };
    send_notice(context, user, &factors, notice).await;
}

async fn tell_mailbox(context: &Context, user: &User, address: &str, notice: Notice) {
    let request_id = context.caller.trace.request_id();
    let send = Box::pin(
        context
            .app
            .notify
            .send_notice_message(address, notice, context.seen()),
    );
    let message = BilledMessage::Notice(address);
    match post_notice(context, user.id, message, send).await {
        Ok(Posted::Out | Posted::Refused(_)) => {}
        Ok(Posted::Failed(failed)) => {
            tracing::warn!(request_id, user = %user.id, error = %failed, "a notice was not sent");
        }
        Err(broken) => {
            tracing::error!(request_id, user = %user.id, error = %broken, "a notice was not sent");
        }
    }
}
