//! Sends the code of a login, and charges everybody who pays for it.

use crate::app::App;
use crate::domain::accounts::user::Account;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::factor::{Channel, Factor};
use crate::domain::factors::sent_code::CODE_SECONDS;
use crate::domain::id::FactorId;
use crate::domain::login::pending_login::SentCode;
use crate::domain::messages::destination::Recipient;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::token::{ChallengeToken, TokenBody};
use crate::failure::{Broken, Failure};
use crate::keyring::Ring;
use crate::notify::{DeliveryFailed, Destination};
use crate::usecase::context::Context;
use crate::usecase::login::open_login::OpenLogin;
use crate::usecase::messages::charge_message;

/// A code that goes to a factor of the user.
pub(crate) struct CodeToSend<'a> {
    pub sent: SentCode,
    pub factor: &'a Factor,
    /// The user's confirmed factors, if they were read.
    pub others: Option<Vec<Factor>>,
}

/// Records the send, charges everybody who pays for it, and then sends the code. If
/// sending fails, the record and the charges are undone, so a retry costs nothing extra
/// and sends the same code. If a budget is used up or sending fails, the refusal names
/// the user's other factors.
pub(crate) async fn deliver(
    context: &Context,
    ring: &Ring,
    open: &OpenLogin,
    code: CodeToSend<'_>,
) -> Result<(), Failure> {
    let CodeToSend {
        sent,
        factor,
        others,
    } = code;
    let Some((channel, to)) = factor.address() else {
        return Err(Broken::internal("the factor of a code has no address").into());
    };
    let to = Recipient { channel, to };
    context.events.is_about_factor(channel);
    let bill = charge_message::bill(context, |billing| {
        billing.bill_to_prove(&open.user, to, factor.confirmed)
    });
    let record = context
        .app
        .store
        .record_send(&open.login, sent, &bill, context.now());
    let recorded = match charge_message::within_ceilings(context, &bill, open.user.id, record).await
    {
        Ok(recorded) => recorded,
        Err(Failure::Refused(Refusal::SendsExhausted {
            retry_at,
            row,
            limit,
            ..
        })) => {
            return Err(Refusal::SendsExhausted {
                retry_at,
                row,
                limit,
                others: all_but(&context.app, open, factor.id, others).await?,
            }
            .into());
        }
        Err(failed) => return Err(failed),
    };
    let code = ring.code(open.login.id, recorded.sent())?;
    let Err(failed) = hand_over(&context.app, open, to, &code).await else {
        context.events.did_with(EventKind::CodeSent, channel);
        return Ok(());
    };
    let request_id = context.caller.trace.request_id();
    tracing::warn!(request_id, error = %failed, "a code was not sent");
    charge_message::leave_ceilings(context, &bill).await;
    context
        .app
        .store
        .mark_unsent(&open.login, &recorded)
        .await?;
    let others = all_but(&context.app, open, factor.id, others).await?;
    Err(Refusal::DeliveryFailed { others }.into())
}

/// An `oob_code`: it names a login, and the factor that the login's code went to.
pub(crate) fn challenge_token(
    ring: &Ring,
    open: &OpenLogin,
    factor: FactorId,
) -> Result<Secret, Broken> {
    ring.seal_token(TokenBody::OutOfBand(ChallengeToken {
        user: open.user.id,
        login: open.login.id,
        factor,
    }))
}

/// Gives a code to SES, SNS or the webhook, in the form of the login's dialect.
pub(crate) async fn hand_over(
    app: &App,
    open: &OpenLogin,
    to: Recipient<'_>,
    code: &Secret,
) -> Result<(), DeliveryFailed> {
    let Recipient { channel, to } = to;
    let minutes = u32::try_from(CODE_SECONDS / 60).unwrap_or(5);
    let (notify, code) = (&app.notify, code.expose());
    let user = open.user.subject();
    let to = match channel {
        Channel::Email if open.login.dialect.mails_bare_codes() => {
            return notify.send_bare_code(to, code, minutes).await;
        }
        Channel::Email => Destination::Email(to),
        Channel::Sms => Destination::Sms(to),
        // The receiver finds the destination by the user, so the transport's name does
        // not matter.
        Channel::Webhook => Destination::Webhook {
            user: &user,
            email: open.user.email.as_deref(),
        },
    };
    notify.send_code_message(to, code, minutes).await
}

/// The other factors that are offered: those in `known`, or those in the table.
pub(crate) async fn all_but(
    app: &App,
    open: &OpenLogin,
    factor: FactorId,
    known: Option<Vec<Factor>>,
) -> Result<Vec<Factor>, Failure> {
    let mut others = match known {
        Some(known) => known,
        None => confirmed_factors(app, open).await?,
    };
    others.retain(|other| other.id != factor);
    Ok(others)
}

/// The user's confirmed factors that are offered, by rank. One query.
pub(crate) async fn confirmed_factors(app: &App, open: &OpenLogin) -> Result<Vec<Factor>, Failure> {
    Ok(offered_factors(app, open).await?.1)
}

/// The user, and the confirmed factors that are offered, by rank. One query.
pub(crate) async fn offered_factors(
    app: &App,
    open: &OpenLogin,
) -> Result<(Option<Account>, Vec<Factor>), Failure> {
    let account = open.account(app).await?;
    let active = account.iter().flat_map(Account::active_factors);
    let mut factors: Vec<Factor> = active.cloned().collect();
    // A closed factor completes nothing here, and is stronger than a mailbox.
    let all = account.iter().flat_map(|account| &account.factors);
    factors.extend(all.filter(|factor| factor.is_closed()).cloned());
    app.config.offer.keep_allowed(&mut factors);
    factors.retain(Factor::is_second);
    Ok((account, factors))
}
