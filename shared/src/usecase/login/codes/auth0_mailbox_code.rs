//! Sends a code that is a first factor to a mailbox that anybody may name.

use crate::domain::Timestamp;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::new_user::registration::email_of;
use crate::domain::accounts::user::{EmailAddress, User};
use crate::domain::events::kind::EventKind;
use crate::domain::factors::factor::Channel;
use crate::domain::factors::sent_code::CODE_SECONDS;
use crate::domain::id::LoginId;
use crate::domain::login::mailbox_code::{MailboxAnswer, MailboxCode};
use crate::domain::messages::payers::BilledMessage;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::token::{MailboxCodeToken, TokenBody};
use crate::failure::{Broken, Failure};
use crate::keyring::{Ring, random_bytes};
use crate::usecase::accounts::anonymous_rate_limit::count_anonymous;
use crate::usecase::accounts::forgot_password::send_at_sign_up;
use crate::usecase::accounts::register::sign_up_is_open;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::events::hidden_outcome::hide_outcome;
use crate::usecase::login::check_password::charge_of;
use crate::usecase::messages::charge_message::{DELIVERY_FAILED, bill, tell_of_refusal};
use crate::usecase::messages::send_action::MakeLink;

/// Who asks for a code, and for which mailbox.
pub struct MailboxCodeRequest<'a> {
    /// The e-mail address as it was typed.
    pub email: &'a str,
    /// Whether the code makes an account at a mailbox that has none.
    pub signs_up: bool,
    /// Whether the caller gets the token, and shows the code beside it.
    pub has_token: bool,
    /// The link to a new password, for an account whose mailbox is not confirmed: a
    /// stranger may have signed up there, and a code must not confirm the stranger's
    /// password.
    pub reset: MakeLink<'a>,
}

/// The answer to a request for a code, whether or not a code was sent.
pub struct AskedCode {
    /// Names the code.
    pub token: Secret,
    /// Names the request.
    pub id: LoginId,
}

/// Has a code sent. The answer is the same after the same time for every mailbox: a token
/// that names the code, whether or not a code was sent. At a mailbox without an account,
/// a code is sent only if the code signs up. All of them are charged alike, except from a
/// network that completed a login of the account lately.
///
/// # Errors
/// `NameInvalid`, `RequestsExhausted`. Neither depends on whether there is an account.
pub async fn send_mailbox_code(
    context: &ClientContext,
    asked: &MailboxCodeRequest<'_>,
) -> Result<AskedCode, Failure> {
    let email = email_of(asked.email)?;
    count_anonymous(context).await?;
    let ring = context.ring().await?;
    let code = MailboxCode {
        mailbox_id: ring.pseudo_user(email.login_name())?,
        id: LoginId::at(context.now(), random_bytes()?),
        mailbox: email.as_str().to_owned(),
        client: context.client.id.clone(),
        has_token: asked.has_token,
        asked_from: charge_of(&context.caller, email.login_name()).name_and_network,
        user: None,
        at: context.now(),
        key: ring.current_token_key(),
    };
    let token = ring.seal_token(TokenBody::MailboxCode(MailboxCodeToken {
        mailbox: code.mailbox_id,
        login: code.id,
    }))?;
    let id = code.id;
    let request = ReadRequest {
        asked,
        email: &email,
    };
    let work = Box::pin(send(context, &ring, request, code));
    hide_outcome(context, "no code was sent", work).await;
    Ok(AskedCode { token, id })
}

/// A request whose e-mail address was parsed.
#[derive(Clone, Copy)]
struct ReadRequest<'a> {
    asked: &'a MailboxCodeRequest<'a>,
    email: &'a EmailAddress,
}

/// Five requests to DynamoDB, two more when the send fails, and one more while a budget
/// is in use.
async fn send(
    context: &Context,
    ring: &Ring,
    request: ReadRequest<'_>,
    code: MailboxCode,
) -> Result<(), Failure> {
    let ReadRequest { asked, email } = request;
    let (user, completed_at) = find(context, email.login_name()).await?;
    if let Some(user) = &user {
        context.caller.trace.is_about(user.id);
    }
    let signs_up = asked.signs_up && sign_up_is_open(context);
    let answer = MailboxAnswer::of(email.as_str(), user.as_ref(), completed_at, signs_up);
    if answer == MailboxAnswer::ResetLink {
        return send_at_sign_up(context, asked.email, asked.reset).await;
    }
    let message = BilledMessage::MailboxCode {
        to: email.login_name().as_str(),
        known: answer.pays_as_known(),
    };
    let store = &context.app.store;
    let bill = bill(context, |billing| billing.bill_of(message));
    let charged = store.charge_send(&bill, context.now()).await;
    if let Err(refused) = &charged {
        let user = user.as_ref().map(|user| user.id);
        tell_of_refusal(context, user, refused);
    }
    let charged = charged?;
    let user = match answer {
        MailboxAnswer::CodeOfUser { .. } => user.map(|user| (user.id, user.epoch)),
        MailboxAnswer::CodeThatSignsUp => None,
        MailboxAnswer::Nothing | MailboxAnswer::ResetLink => return Ok(()),
    };
    let code = MailboxCode { user, ..code };
    store.keep_mailbox_code(&code).await?;
    let digits = ring.code(code.id, &code.sent())?;
    let minutes = u32::try_from(CODE_SECONDS / 60).unwrap_or(5);
    let notify = &context.app.notify;
    let sent = notify.send_mailbox_code_message(&code.mailbox, digits.expose(), minutes);
    match sent.await {
        Ok(()) => {
            context
                .events
                .did_with(EventKind::MailboxCodeSent, Channel::Email);
            Ok(())
        }
        Err(failed) => {
            let request_id = context.caller.trace.request_id();
            tracing::warn!(request_id, error = %failed, "a code was not sent");
            let why = DELIVERY_FAILED;
            context.events.failed(EventKind::MessageFailed, why);
            store.give_send_back(&charged).await?;
            Err(Refusal::DeliveryFailed { others: Vec::new() }.into())
        }
    }
}

/// The user of this name, and when a login of the name was last completed from the
/// caller's network. Two requests to DynamoDB, for a name of nobody too.
async fn find(
    context: &Context,
    name: &LoginName,
) -> Result<(Option<User>, Option<Timestamp>), Broken> {
    let store = &context.app.store;
    let charge = charge_of(&context.caller, name);
    let (id, completed_at) = store.find_name_from(name, &charge, context.now()).await?;
    let id = match id {
        Some(id) => id,
        None => context.ring().await?.pseudo_user(name)?,
    };
    Ok((store.read_user(id).await?, completed_at))
}
