//! Sends a message that confirms an e-mail address or a phone number.

use crate::domain::accounts::user::User;
use crate::domain::events::attempt::Attempt;
use crate::domain::factors::factor_demand::{NumberToConfirm, asks_for_new_number};
use crate::domain::id::UserId;
use crate::domain::login::next_step::NextStep;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::context::Context;

pub use crate::usecase::messages::send_action::MakeLink;
use crate::usecase::messages::send_action::{Ask, send_action};
use crate::usecase::sessions::requirement::{Bearer, MayChange};

/// Who asks for a confirmation.
#[derive(Clone, Copy)]
pub enum ConfirmationRequester<'a> {
    /// The user, with an access token.
    User(&'a Bearer),
    /// The user, with an access token whose session may name this number
    /// (`FactorDemand::to_confirm_number`).
    SignedIn(&'a MayChange),
    /// Somebody who names a user, within ten minutes of that user's right
    /// password. The answer to the password said that an address has to be
    /// confirmed.
    Stranger(UserId),
}

/// The user whose address or number is to be confirmed. `by_link` says that
/// only the mailbox can confirm. No request to DynamoDB for a user with an
/// access token, otherwise two.
///
/// # Errors
/// `AccessTokenMissing`, whether or not there is such a user.
pub(crate) async fn user_who_asks(
    context: &Context,
    asker: ConfirmationRequester<'_>,
    by_link: bool,
) -> Result<User, Failure> {
    let id = match asker {
        ConfirmationRequester::User(bearer) => return Ok(bearer.user.clone()),
        ConfirmationRequester::SignedIn(changing) => return Ok(changing.caller().user.clone()),
        ConfirmationRequester::Stranger(id) => id,
    };
    let not_allowed = || Failure::from(Refusal::AccessTokenMissing);
    let account = context.app.store.read_account(id).await?;
    let account = account.ok_or_else(not_allowed)?;
    let lets = context
        .app
        .config
        .mfa_policy
        .lets_stranger_confirm(&account, by_link);
    let user = account.user;
    let store = &context.app.store;
    let permitted = store.confirmation_is_permitted(&user, context.now());
    if !lets || !permitted.await? {
        return Err(not_allowed());
    }
    context.caller.trace.is_about(user.id);
    Ok(user)
}

/// Sends a link that confirms the stored e-mail address. Returns whether a link
/// was sent; for a confirmed address, none is sent. One request to DynamoDB,
/// three without an access token, one more while the address's budget is in
/// use, two more when the send fails.
///
/// # Errors
/// `AccessTokenMissing`, `AddressMissing`, `SendTooSoon`, `SendsExhausted`,
/// `RequestsExhausted`, `DeliveryFailed`.
pub async fn send_email_confirmation(
    context: &Context,
    asker: ConfirmationRequester<'_>,
    make_link: MakeLink<'_>,
) -> Result<bool, Failure> {
    let user = user_who_asks(context, asker, true).await?;
    if user.email_confirmed {
        return Ok(false);
    }
    send_link(context, &user, make_link).await?;
    Ok(true)
}

/// Sends the link again to a user whose login lacks a confirmed
/// address. Returns whether a link was sent, now or a moment ago. As many
/// requests to DynamoDB as `send_email_confirmation`.
pub async fn confirm_again(context: &Context, next: &NextStep, make_link: MakeLink<'_>) -> bool {
    let NextStep::ConfirmAddress {
        user,
        email: Some(_),
        ..
    } = next
    else {
        return false;
    };
    let asker = ConfirmationRequester::Stranger(*user);
    let sent = send_email_confirmation(context, asker, make_link).await;
    let request_id = context.caller.trace.request_id();
    match sent {
        Ok(sent) => sent,
        Err(Failure::Refused(refusal)) => {
            let name = refusal.name();
            tracing::info!(request_id, refusal = name, "no confirmation was sent");
            matches!(refusal, Refusal::SendTooSoon { .. })
        }
        Err(Failure::Broken(broken)) => {
            tracing::error!(request_id, error = %broken, "no confirmation was sent");
            false
        }
    }
}

/// Sends the link that confirms this user's address.
pub(crate) async fn send_link(
    context: &Context,
    user: &User,
    make_link: MakeLink<'_>,
) -> Result<(), Failure> {
    send_action(context, user, Ask::ToConfirm(make_link)).await
}

/// Sends a code that confirms a phone number: the stored number. With an access
/// token, and while no number is confirmed, `number` may be a new number, which
/// is then stored. For a confirmed number, nothing is sent. As many requests to
/// DynamoDB as `send_email_confirmation`.
///
/// # Errors
/// `AccessTokenInvalid`, `AuthenticationInsufficient`, `AddressMissing` (also
/// for a number that the caller may not use), `SendTooSoon`, `SendsExhausted`,
/// `DeliveryFailed`.
pub async fn send_phone_confirmation(
    context: &Context,
    asker: ConfirmationRequester<'_>,
    number: Option<&str>,
) -> Result<(), Failure> {
    let mut user = user_who_asks(context, asker, false).await?;
    if asks_for_new_number(&user, number) {
        context.events.is_for(Attempt::ChangePhone);
    }
    let may_store = matches!(asker, ConfirmationRequester::SignedIn(_));
    let offer = &context.app.config.offer;
    let Some(confirmed) = NumberToConfirm::of(&user, number, may_store, offer)? else {
        return Ok(());
    };
    let new_number = confirmed.new.is_some();
    if let Some(number) = confirmed.new {
        user.phone = Some(number.as_str().to_owned());
    }
    send_action(context, &user, Ask::ByCode { new_number }).await
}

/// Whether the e-mail address and the phone number are confirmed, in this
/// order. Only a caller who may have a confirmation sent is told. Two requests
/// to DynamoDB without an access token.
///
/// # Errors
/// `AccessTokenInvalid`.
pub async fn confirmation_state(
    context: &Context,
    asker: ConfirmationRequester<'_>,
) -> Result<(bool, bool), Failure> {
    let user = user_who_asks(context, asker, true).await?;
    Ok((user.email_confirmed, user.phone_confirmed))
}
