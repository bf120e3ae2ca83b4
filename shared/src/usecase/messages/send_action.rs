//! Begins an action, and sends its message.

use crate::domain::accounts::action::{Action, ActionAsked};
use crate::domain::accounts::refusals::profile_refusal::ProfileRefusal;
use crate::domain::accounts::user::User;
use crate::domain::events::kind::EventKind;
use crate::domain::id::{ActionId, UserId};
use crate::domain::messages::payers::ResetFor;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::token::{ActionToken, TokenBody};
use crate::failure::Failure;
use crate::keyring::random_bytes;
use crate::notify::{Destination, LinkFor, OneTimeLink};
use crate::usecase::context::Context;
use crate::usecase::messages::charge_message::{self, DELIVERY_FAILED};

/// Makes the link of a message from the user and the token. Each dialect has
/// its own pages.
pub type MakeLink<'a> = &'a (dyn Fn(UserId, &str) -> String + Sync);

/// What the message asks the user for, and how.
#[derive(Clone, Copy)]
pub(crate) enum Ask<'a> {
    /// To confirm the e-mail address, by a link in a message of this dialect's form.
    ToConfirm(MakeLink<'a>),
    /// For a new password, by such a link, on this ground.
    ForPassword(MakeLink<'a>, ResetFor),
    /// To confirm the phone, by a code of six digits; `new_number` stores the
    /// user's number.
    ByCode { new_number: bool },
}

/// The link of an action's message.
struct ActionLink<'a> {
    what_for: LinkFor,
    token: TokenBody,
    make_link: MakeLink<'a>,
}

impl<'a> Ask<'a> {
    fn asked(self) -> ActionAsked {
        match self {
            Self::ToConfirm(_) => ActionAsked::ToConfirm,
            Self::ForPassword(_, ground) => ActionAsked::ForPassword(ground),
            Self::ByCode { new_number } => ActionAsked::ByCode { new_number },
        }
    }

    /// The link's message and token for this action, if it is a link.
    fn link(self, action: &Action) -> Option<ActionLink<'a>> {
        let token = ActionToken {
            user: action.user,
            action: action.id,
        };
        match self {
            Self::ToConfirm(make_link) => Some(ActionLink {
                what_for: LinkFor::ConfirmEmail,
                token: TokenBody::ConfirmEmail(token),
                make_link,
            }),
            Self::ForPassword(make_link, _) => Some(ActionLink {
                what_for: LinkFor::ResetPassword,
                token: TokenBody::ResetPassword(token),
                make_link,
            }),
            Self::ByCode { .. } => None,
        }
    }
}

/// Records an action, then sends its message to the user's stored address. If
/// sending fails, the action is taken back, and nobody has paid. One request to
/// DynamoDB, two more for a text message, one more when a budget is in use, two
/// more when the send fails (four for a text message).
///
/// # Errors
/// `AddressMissing`, `SendTooSoon`, `SendsExhausted`, `RequestsExhausted`,
/// `DeliveryFailed`.
pub(crate) async fn send_action(
    context: &Context,
    user: &User,
    ask: Ask<'_>,
) -> Result<(), Failure> {
    let asked = ask.asked();
    let kind = asked.kind();
    let ring = context.ring().await?;
    let id = ActionId::at(context.now(), random_bytes()?);
    let action = Action::begin(id, user, kind, ring.current_token_key(), context.now())
        .ok_or(ProfileRefusal::AddressMissing)?;
    let bill = charge_message::bill(context, |billing| {
        billing.bill_of_action(user, asked, &action.address)
    });
    let (store, now) = (&context.app.store, context.now());
    let record = store.begin_action(&action, asked.written_beside(user), &bill, now);
    let begun = charge_message::within_ceilings(context, &bill, user.id, record).await?;
    let seconds = u32::try_from(kind.seconds()).unwrap_or(u32::MAX);
    let minutes = seconds / 60;
    let sent = match ask.link(&action) {
        Some(ActionLink {
            what_for,
            token,
            make_link,
        }) => {
            let token = ring.seal_token(token)?;
            let link = Secret::new(make_link(user.id, token.expose()));
            let link = OneTimeLink {
                what_for,
                url: link.expose(),
                minutes,
            };
            let (notify, dialect) = (&context.app.notify, context.caller.dialect);
            notify
                .send_link_message(&action.address, dialect, link)
                .await
        }
        None => {
            let code = ring.action_code(&action)?;
            let to = Destination::Sms(&action.address);
            context
                .app
                .notify
                .send_code_message(to, code.expose(), minutes)
                .await
        }
    };
    let Err(failed) = sent else {
        context.events.did_with(asked.event_kind(), kind.channel());
        if let ActionAsked::ByCode { new_number: true } = asked {
            context.events.did(EventKind::PhoneChanged);
        }
        return Ok(());
    };
    let why = DELIVERY_FAILED;
    context.events.failed(EventKind::MessageFailed, why);
    let request_id = context.caller.trace.request_id();
    tracing::warn!(request_id, error = %failed, "a message was not sent");
    charge_message::leave_ceilings(context, &bill).await;
    store.take_action_back(&action, &begun).await?;
    Err(Refusal::DeliveryFailed { others: Vec::new() }.into())
}
