//! Tells a user of an operator's act, by every channel that was confirmed.

use crate::app::App;
use crate::domain::accounts::user::Account;
use crate::domain::device::{Device, Seen};
use crate::domain::factors::factor::{Channel, Factor, Method};
use crate::domain::messages::destination::Recipient;
use crate::domain::messages::notice::{Notice, confirmed_destinations};
use crate::domain::messages::payers::{Bill, BilledMessage};
use crate::failure::Broken;
use crate::usecase::administration::operator::Operator;
use crate::usecase::messages::charge_message::{Posted, payer_hash, send_charged};

/// How many messages went out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoticesSent {
    /// Channels that took the message.
    pub sent: usize,
    /// Channels that a budget or a failure kept from the message.
    pub failed: usize,
    /// Confirmed webhooks, which take no message: their wire has a place for codes only.
    pub webhooks: usize,
}

/// Tells the user by every confirmed e-mail address and phone number. A message
/// that fails undoes nothing, but is counted, so that the operator calls the
/// user.
pub(super) async fn tell_everywhere(
    app: &App,
    operator: &Operator,
    account: &Account,
    notice: Notice,
) -> Result<NoticesSent, Broken> {
    let confirmed = account.factors.iter().filter(|factor| factor.confirmed);
    let is_webhook = |factor: &&Factor| factor.method() == Method::Webhook;
    let mut told = NoticesSent {
        webhooks: confirmed.filter(is_webhook).count(),
        ..NoticesSent::default()
    };
    for (channel, to) in confirmed_destinations(&account.user, &account.factors) {
        let to = Recipient { channel, to: &to };
        match tell(app, operator, to, notice).await {
            Ok(true) => told.sent += 1,
            Ok(false) | Err(_) => told.failed += 1,
        }
    }
    Ok(told)
}

/// Charges and sends one message. Returns whether the message went out.
async fn tell(
    app: &App,
    operator: &Operator,
    to: Recipient<'_>,
    notice: Notice,
) -> Result<bool, Broken> {
    let Recipient { channel, to } = to;
    let message = BilledMessage::Notice(to);
    let bill = Bill::of(message, "operator", app.config.text_ceilings, payer_hash);
    let send = Box::pin(async {
        let seen = Seen {
            at: operator.now,
            device: Device::Unknown,
        };
        match channel {
            Channel::Sms => app.notify.send_notice_text(to, notice).await,
            Channel::Email | Channel::Webhook => {
                app.notify.send_notice_message(to, notice, seen).await
            }
        }
    });
    match send_charged(app, &bill, operator.now, send).await? {
        Posted::Out => Ok(true),
        Posted::Refused(_) | Posted::Failed(_) => Ok(false),
    }
}
