//! What SES and SNS report about destinations. A report marks the destination
//! in the profile of each user who reads there; a code that was entered right
//! clears the mark. Only the time of a report counts, so reports may come twice
//! and in any order.

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::accounts::user::{Account, User};
use crate::domain::factors::factor::Channel;
use crate::domain::id::UserId;
use crate::domain::login::pending_login::Proof;
use crate::domain::messages::delivery::{DeliveryMark, Trouble};
use crate::domain::messages::destination::Recipient;
use crate::domain::messages::destination::destination_name;
use crate::failure::Broken;
use crate::store::Addressed;
use crate::usecase::context::Context;
use crate::usecase::events::tell::tell_of_mark;
use crate::usecase::messages::charge_message::payer_hash;

/// A report that a destination takes no messages, or wants none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryReport {
    /// How the message went there.
    pub channel: Channel,
    /// The e-mail address, or the number in E.164 form.
    pub to: String,
    /// What the report says is wrong.
    pub trouble: Trouble,
    /// When that happened.
    pub at: Timestamp,
}

/// Marks the destination of a report in the profile of each user who reads
/// there. Returns how many profiles it marked: none for an unknown destination,
/// and for a report that is older than what is known. Each mark has one event.
/// Four requests to DynamoDB for a destination of one user.
///
/// # Errors
/// `Broken` if DynamoDB does not answer. The same report may then come again.
pub async fn mark_reported(app: &App, report: &DeliveryReport) -> Result<usize, Broken> {
    let (channel, to) = (report.channel, report.to.as_str());
    let destination = destination_name(channel, to);
    let mark = DeliveryMark {
        trouble: Some(report.trouble),
        at: report.at,
        destination,
    };
    let mut marked = 0;
    for user in readers(app, channel, to).await? {
        let account = app.store.read_account(user).await?;
        if !account.is_some_and(|account| account.reads(channel, to)) {
            continue;
        }
        if write(app, user, &mark).await? {
            marked += 1;
            tell_of_mark(app, user, channel, report.trouble).await;
        }
    }
    Ok(marked)
}

/// The users who read at this destination, as far as the table knows them by
/// the destination.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub(crate) async fn readers(app: &App, channel: Channel, to: &str) -> Result<Vec<UserId>, Broken> {
    let hash = payer_hash(&destination_name(channel, to));
    let addressed = Addressed {
        channel,
        to,
        hash: &hash,
    };
    app.store.readers_of(addressed).await
}

async fn write(app: &App, user: UserId, mark: &DeliveryMark) -> Result<bool, Broken> {
    let hash = payer_hash(&mark.destination);
    app.store.mark_destination(user, mark, &hash).await
}

/// Clears the mark of this destination in a user's profile. Returns whether
/// there was one.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub(crate) async fn clear_mark(
    app: &App,
    user: &User,
    to: Recipient<'_>,
    now: Timestamp,
) -> Result<bool, Broken> {
    let Recipient { channel, to } = to;
    let Some(known) = user.trouble_at(channel, to) else {
        return Ok(false);
    };
    let mark = DeliveryMark {
        destination: known.destination.clone(),
        trouble: None,
        at: now,
    };
    write(app, user.id, &mark).await
}

/// Clears the mark of the destination that a right code went to. A user whose
/// destinations of this channel have no mark costs no request.
pub(crate) async fn note_arrival(context: &Context, user: &User, proof: &Proof) {
    let Proof::Sent(sent) = proof else {
        return;
    };
    if !user.troubles().any(|mark| mark.is_of(sent.channel)) {
        return;
    }
    let account = context.app.store.read_account(user.id).await;
    match account {
        Ok(Some(account)) => note_arrival_for(context, &account, proof).await,
        Ok(None) => {}
        Err(broken) => tell_of_arrival(context, Err(broken)),
    }
}

/// Clears the mark of the destination that a right code went to. `account` has the
/// factor that the code was sent for, also if the code has removed that factor since.
pub(crate) async fn note_arrival_for(context: &Context, account: &Account, proof: &Proof) {
    if let Proof::Sent(sent) = proof
        && let Some(to) = context.app.addresses().place_of_send(account, sent)
    {
        let channel = sent.channel;
        note_arrival_at(context, &account.user, Recipient { channel, to }).await;
    }
}

/// Clears the mark of a known destination. One request to DynamoDB, and only if the
/// destination has a mark.
pub(crate) async fn note_arrival_at(context: &Context, user: &User, to: Recipient<'_>) {
    let cleared = clear_mark(&context.app, user, to, context.now()).await;
    tell_of_arrival(context, cleared);
}

/// A failure is only logged. The destination is then offered last until the
/// next right code.
fn tell_of_arrival(context: &Context, cleared: Result<bool, Broken>) {
    let request_id = context.caller.trace.request_id();
    match cleared {
        Ok(true) => tracing::info!(request_id, "a delivery mark was cleared"),
        Ok(false) => {}
        Err(broken) => {
            tracing::warn!(request_id, error = %broken, "a delivery mark could not be cleared");
        }
    }
}
