//! Sends a code that is a first factor to a mailbox or phone that anybody may name.

use crate::domain::Timestamp;
use crate::domain::accounts::refusals::connection_refusal::ConnectionRefusal;
use crate::domain::accounts::user::User;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::factor::Channel;
use crate::domain::factors::sent_code::CODE_SECONDS;
use crate::domain::id::LoginId;
use crate::domain::login::codes::code_destination::CodeDestination;
use crate::domain::login::codes::mailbox_code::{MailboxAnswer, MailboxCode};
use crate::domain::messages::destination::Recipient;
use crate::domain::messages::payers::BilledMessage;
use crate::domain::messages::phone_number::charged_prefix;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::token::{MailboxCodeToken, TokenBody};
use crate::failure::{Broken, Failure};
use crate::keyring::{Ring, random_bytes};
use crate::notify::{DeliveryFailed, LinkFor, OneTimeLink};
use crate::usecase::accounts::anonymous_rate_limit::count_anonymous;
use crate::usecase::accounts::forgot_password::send_at_sign_up;
use crate::usecase::accounts::register::sign_up_is_open;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::events::hidden_outcome::hide_outcome;
use crate::usecase::login::check_password::charge_of;
use crate::usecase::login::codes::sign_in_by_link::link_token;
use crate::usecase::messages::charge_message::{
    DELIVERY_FAILED, bill, leave_ceilings, within_ceilings,
};
use crate::usecase::messages::send_action::MakeLink;

/// Who asks for a code, and for which mailbox or phone.
pub struct MailboxCodeRequest<'a> {
    /// The e-mail address or the number, as it was typed.
    pub to: Recipient<'a>,
    /// Whether the code makes an account at a mailbox that has none.
    pub signs_up: bool,
    /// Whether the caller gets the token, and shows the code beside it.
    pub has_token: bool,
    /// The link to a new password, for an account whose mailbox is not confirmed: a
    /// stranger may have signed up there, and a code must not confirm the stranger's
    /// password.
    pub reset: MakeLink<'a>,
    /// What a link in the mail leads to, in place of the digits.
    pub link: Option<LinkAsked<'a>>,
}

/// A link that signs in.
#[derive(Clone, Copy)]
pub struct LinkAsked<'a> {
    /// The authorization request that the browser goes on with, as the text of a query.
    pub request: &'a str,
    /// Makes the link of a token.
    pub make_link: &'a (dyn Fn(&str) -> String + Send + Sync),
}

/// The answer to a request for a code, whether or not a code was sent.
pub struct AskedCode {
    /// Names the code.
    pub token: Secret,
    /// Names the request.
    pub id: LoginId,
}

/// Has a code sent. The answer is the same after the same time for every mailbox and phone: a
/// token that names the code, whether or not a code was sent. At a mailbox without an account,
/// a code is sent only if the code signs up. A number of nobody gets no code, because a user
/// without an e-mail address could neither reset a password nor read a notice. All of them are
/// charged alike, except from a network that completed a login of the account lately.
///
/// # Errors
/// `NameInvalid`, `NumberInvalid`, `NumberUnreachable`, `RequestsExhausted`. None depends on
/// whether there is an account.
pub async fn send_mailbox_code(
    context: &ClientContext,
    asked: &MailboxCodeRequest<'_>,
) -> Result<AskedCode, Failure> {
    let to = CodeDestination::parse(asked.to.channel, asked.to.to)?;
    let Recipient { channel, to: typed } = to.recipient();
    if channel == Channel::Sms && !context.app.config.offer.may_text(typed) {
        return Err(Refusal::from(ConnectionRefusal::NumberUnreachable).into());
    }
    count_anonymous(context).await?;
    let ring = context.ring().await?;
    let code = MailboxCode {
        mailbox_id: ring.pseudo_user(to.name())?,
        id: LoginId::at(context.now(), random_bytes()?),
        channel,
        mailbox: typed.to_owned(),
        client: context.client.id.clone(),
        // A link is shown by its own token.
        has_token: asked.has_token || asked.link.is_some(),
        asked_from: charge_of(&context.caller, to.name()).name_and_network,
        user: None,
        request: asked.link.map(|link| link.request.to_owned()),
        at: context.now(),
        key: ring.current_token_key(),
    };
    let token = ring.seal_token(named(&code))?;
    let id = code.id;
    let request = ReadRequest { asked, to: &to };
    let work = Box::pin(send(context, &ring, request, code));
    hide_outcome(context, "no code was sent", work).await;
    Ok(AskedCode { token, id })
}

/// A request whose e-mail address or number was parsed.
#[derive(Clone, Copy)]
struct ReadRequest<'a> {
    asked: &'a MailboxCodeRequest<'a>,
    to: &'a CodeDestination,
}

/// Five requests to DynamoDB, two more for a text message from an unknown network, two more
/// when the send fails (four for such a text message), and one more while a budget is in use.
async fn send(
    context: &Context,
    ring: &Ring,
    request: ReadRequest<'_>,
    code: MailboxCode,
) -> Result<(), Failure> {
    let ReadRequest { asked, to } = request;
    let Recipient {
        channel,
        to: address,
    } = to.recipient();
    let (user, completed_at) = find(context, to).await?;
    if let Some(user) = &user {
        context.caller.trace.is_about(user.id);
    }
    let signs_up = asked.signs_up && sign_up_is_open(context);
    let answer = MailboxAnswer::of(to.recipient(), user.as_ref(), completed_at, signs_up);
    if answer == MailboxAnswer::ResetLink {
        return send_at_sign_up(context, address, asked.reset).await;
    }
    let goes_out = channel == Channel::Sms && answer != MailboxAnswer::Nothing;
    let message = BilledMessage::MailboxCode {
        to: to.recipient(),
        known: answer.pays_as_known(),
        prefix: goes_out.then(|| charged_prefix(address)),
    };
    let store = &context.app.store;
    let bill = bill(context, |billing| billing.bill_of(message));
    let owner = user.as_ref().map(|user| user.id);
    let charge = store.charge_send(&bill, context.now());
    let charged = within_ceilings(context, &bill, owner, charge).await?;
    let user = match answer {
        MailboxAnswer::CodeOfUser { .. } => user.map(|user| (user.id, user.epoch)),
        MailboxAnswer::CodeThatSignsUp => None,
        MailboxAnswer::Nothing | MailboxAnswer::ResetLink => return Ok(()),
    };
    let code = MailboxCode { user, ..code };
    store.keep_mailbox_code(&code).await?;
    let digits = ring.code(code.id, &code.sent())?;
    let url = asked.link.map(|link| -> Result<Secret, Broken> {
        let token = link_token(&ring.seal_token(named(&code))?, &digits);
        Ok(Secret::new((link.make_link)(token.expose())))
    });
    let url = url.transpose()?;
    let sent = send_out(context, to.recipient(), (&digits, url.as_ref()));
    match sent.await {
        Ok(()) => {
            context.events.did_with(EventKind::MailboxCodeSent, channel);
            Ok(())
        }
        Err(failed) => {
            let request_id = context.caller.trace.request_id();
            tracing::warn!(request_id, error = %failed, "a code was not sent");
            let why = DELIVERY_FAILED;
            context.events.failed(EventKind::MessageFailed, why);
            leave_ceilings(context, &bill).await;
            store.give_send_back(&charged).await?;
            Err(Refusal::DeliveryFailed { others: Vec::new() }.into())
        }
    }
}

/// The token that names this code.
fn named(code: &MailboxCode) -> TokenBody {
    TokenBody::MailboxCode(MailboxCodeToken {
        mailbox: code.mailbox_id,
        login: code.id,
    })
}

/// Sends the digits, or the link that has them.
async fn send_out(
    context: &Context,
    Recipient { channel, to }: Recipient<'_>,
    (digits, url): (&Secret, Option<&Secret>),
) -> Result<(), DeliveryFailed> {
    let minutes = u32::try_from(CODE_SECONDS / 60).unwrap_or(5);
    let notify = &context.app.notify;
    let Some(url) = url else {
        let sent = notify.send_first_code((channel, to), digits.expose(), minutes);
        return sent.await;
    };
    let link = OneTimeLink {
        what_for: LinkFor::SignIn,
        url: url.expose(),
        minutes,
    };
    let dialect = context.caller.dialect;
    notify.send_link_message(to, dialect, link).await
}

/// The user of this mailbox or phone, and when a login of its name was last completed from the
/// caller's network. Two requests to DynamoDB, for a destination of nobody too.
async fn find(
    context: &Context,
    to: &CodeDestination,
) -> Result<(Option<User>, Option<Timestamp>), Broken> {
    let (store, name) = (&context.app.store, to.name());
    let charge = charge_of(&context.caller, name);
    let (id, completed_at) = match to.recipient().channel {
        Channel::Sms => store.find_phone_from(name, &charge, context.now()).await?,
        Channel::Email | Channel::Webhook => {
            store.find_name_from(name, &charge, context.now()).await?
        }
    };
    let id = match id {
        Some(id) => id,
        None => context.ring().await?.pseudo_user(name)?,
    };
    Ok((store.read_user(id).await?, completed_at))
}
