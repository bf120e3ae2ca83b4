//! Charges everybody who pays for a message, before it is sent. Every message
//! goes through here. The bill follows from the message and its user. First the
//! ceilings of text messages are charged, one by one. Then everybody else is
//! charged, in the transaction that records the send.

use std::pin::Pin;

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::events::kind::EventKind;
use crate::domain::id::UserId;
use crate::domain::messages::billing::Billing;
use crate::domain::messages::payers::{Bill, BilledMessage, Payer};
use crate::domain::metrics::sample::Sample;
use crate::domain::refusal::Refusal;
use crate::failure::{Broken, Failure};
use crate::keyring::sha256;
use crate::metrics::recording::record_sample;
use crate::notify::DeliveryFailed;
use crate::usecase::accounts::anonymous_rate_limit::network_hash;
use crate::usecase::context::{Caller, Context};

/// Why a message failed, as the refusal names it.
pub(crate) const DELIVERY_FAILED: &str = "delivery_failed";

/// The bill of a message that this caller has caused. `decide` says which bill it is.
pub(crate) fn bill(context: &Context, decide: impl FnOnce(Billing<'_>) -> Bill) -> Bill {
    decide(Billing {
        network: &network_hash(&context.caller),
        ceilings: context.app.config.text_ceilings,
        hash: payer_hash,
    })
}

/// The hash of a payer, which stands in the keys of budgets.
pub(crate) fn payer_hash(text: &str) -> String {
    sha256(&[b"payer", text.as_bytes()])
}

/// Charges the ceilings of this bill. Then calls `record`, which records the
/// send and charges everybody else. If `record` is refused, the ceilings get
/// their charge back.
///
/// # Errors
/// `SendsExhausted`, and those of `record`.
pub(crate) async fn within_ceilings<T>(
    context: &Context,
    bill: &Bill,
    user: impl Into<Option<UserId>>,
    record: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let user = user.into();
    let mut charged: Vec<&Payer> = Vec::new();
    for ceiling in &bill.ceilings {
        let used = context
            .app
            .store
            .charge_ceiling(ceiling, context.now())
            .await;
        tell_of_ceiling(&context.caller, ceiling, &used);
        if let Err(refused) = used {
            give_back_ceilings(context, &charged).await;
            tell_of_refusal(context, user, &refused);
            return Err(refused);
        }
        charged.push(ceiling);
    }
    let recorded = record.await;
    if let Err(refused) = &recorded {
        give_back_ceilings(context, &charged).await;
        tell_of_refusal(context, user, refused);
    }
    recorded
}

/// Gives the ceilings their charge back, because the message did not go out.
pub(crate) async fn leave_ceilings(context: &Context, bill: &Bill) {
    let all: Vec<&Payer> = bill.ceilings.iter().collect();
    give_back_ceilings(context, &all).await;
}

/// A failure is only logged. The ceiling is then lower by one message for the
/// rest of the day.
async fn give_back_ceilings(context: &Context, charged: &[&Payer]) {
    for ceiling in charged {
        if let Err(broken) = context
            .app
            .store
            .give_ceiling_back(ceiling, context.now())
            .await
        {
            let request_id = context.caller.trace.request_id();
            tracing::warn!(
                request_id,
                error = %broken,
                "the charge for a text message was not given back"
            );
        }
    }
}

/// Logs and measures how full a ceiling is. The template has an alarm of the metric.
fn tell_of_ceiling(caller: &Caller, ceiling: &Payer, used: &Result<i64, Failure>) {
    match used {
        Ok(percent) => record_sample(Sample::text_messages_percent(*percent)),
        Err(Failure::Refused(_)) => record_sample(Sample::text_messages_percent(100)),
        Err(Failure::Broken(_)) => {}
    }
    let (request_id, row, to) = (caller.trace.request_id(), ceiling.row.name(), &ceiling.who);
    match used {
        Ok(percent) => tracing::info!(
            request_id,
            row,
            to,
            text_messages_percent = percent,
            "a text message was charged"
        ),
        Err(Failure::Refused(_)) => tracing::warn!(
            request_id,
            row,
            to,
            text_messages_percent = 100,
            "a text message was refused"
        ),
        Err(Failure::Broken(_)) => {}
    }
}

/// Logs and counts which budget refused a message, to this user if the address has a user.
pub(crate) fn tell_of_refusal(context: &Context, user: Option<UserId>, refused: &Failure) {
    if let Failure::Refused(refusal) = refused {
        let events = &context.events;
        events.refused(EventKind::MessageRefused, refusal);
    }
    if let Failure::Refused(Refusal::SendsExhausted { row, .. }) = refused {
        record_sample(Sample::row_refused(*row));
        let (request_id, row) = (context.caller.trace.request_id(), row.name());
        let user = user.map(tracing::field::display);
        tracing::info!(request_id, user, row, "a budget of messages is used up");
    }
}

/// A message that is about to be sent. Boxed, because the future of a request
/// holds the message's future several times over.
pub(crate) type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), DeliveryFailed>> + Send + 'a>>;

/// What became of a message that nothing else records.
#[derive(Debug)]
pub(crate) enum Posted {
    /// The message went out.
    Out,
    /// A budget refused the message.
    Refused(Refusal),
    /// The message did not go out, and nobody has paid for it.
    Failed(DeliveryFailed),
}

/// Charges a message that nothing else records, then awaits `send`. If the send
/// fails, gives the charge back.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub(crate) async fn send_charged(
    app: &App,
    bill: &Bill,
    now: Timestamp,
    send: Sending<'_>,
) -> Result<Posted, Broken> {
    let charged = match app.store.charge_send(bill, now).await {
        Ok(charged) => charged,
        Err(Failure::Broken(broken)) => return Err(broken),
        Err(Failure::Refused(refused)) => return Ok(Posted::Refused(refused)),
    };
    match send.await {
        Ok(()) => Ok(Posted::Out),
        Err(failed) => {
            if let Err(broken) = app.store.give_send_back(&charged).await {
                tracing::warn!(error = %broken, "the charge for an unsent message was not given back");
            }
            Ok(Posted::Failed(failed))
        }
    }
}

/// Charges and sends a notice to a user as `post` does. The request has caused the
/// notice. If a budget refuses the notice, the log names the budget. The event of the
/// request says that the notice was refused, or failed.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub(crate) async fn post_notice(
    context: &Context,
    user: UserId,
    message: BilledMessage<'_>,
    send: Sending<'_>,
) -> Result<Posted, Broken> {
    let bill = bill(context, |billing| billing.bill_of(message));
    let posted = send_charged(&context.app, &bill, context.now(), send).await?;
    match &posted {
        Posted::Out => {}
        Posted::Refused(refused) => tell_of_refusal(context, Some(user), &refused.clone().into()),
        Posted::Failed(_) => {
            let events = &context.events;
            events.failed(EventKind::NoticeFailed, DELIVERY_FAILED);
        }
    }
    Ok(posted)
}
